"""Who buys in the demo shop: made-up people at made-up addresses in real cities."""

from dataclasses import dataclass
from random import Random
from typing import Final

from orderlog.application.metadata import new_id
from orderlog.domain.values import PostalAddress

FIRST_NAMES: Final = (
    *("Ada", "Bruno", "Chiara", "Daniel", "Elif", "Farah", "Grete", "Hugo", "Ines", "Jonas"),
    *("Kenji", "Laila", "Mara", "Noor", "Oskar", "Priya", "Quentin", "Rosa", "Sven", "Tomoko"),
)
LAST_NAMES: Final = (
    *("Abbott", "Berger", "Costa", "Dupont", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito"),
    *("Jansen", "Kovacs", "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov", "Quinn", "Rossi"),
)
STREETS: Final = ("Mill Lane", "Station Road", "Park Row", "High Street", "Harbour Walk", "Elm Way")


@dataclass(frozen=True, slots=True)
class Place:
    """`postcode` shows where the digits go: `#`."""

    country: str
    city: str
    postcode: str
    currency: str


PLACES: Final = (
    *(Place("GB", "London", "N1 #AB", "GBP"), Place("GB", "Bristol", "BS# 4QT", "GBP")),
    *(Place("GB", "Leeds", "LS# 6DN", "GBP"), Place("GB", "Edinburgh", "EH# 1LT", "GBP")),
    *(Place("IE", "Cork", "T12 W#X#", "EUR"), Place("DE", "Hamburg", "22#4#", "EUR")),
    *(Place("DE", "Berlin", "1#43#", "EUR"), Place("FR", "Lyon", "6900#", "EUR")),
    *(Place("NL", "Utrecht", "35#1 KV", "EUR"), Place("ES", "Valencia", "460##", "EUR")),
    *(Place("JP", "Osaka", "53#-00#1", "JPY"), Place("KW", "Kuwait City", "13##1", "KWD")),
)


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    email: str
    place: Place
    address: PostalAddress


def people(count: int, random: Random) -> list[Person]:
    """As many from each place."""
    return [_person(PLACES[number % len(PLACES)], random) for number in range(count)]


def _person(place: Place, random: Random) -> Person:
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    address = PostalAddress(
        name=f"{first} {last}",
        line1=f"{random.randint(1, 120)} {random.choice(STREETS)}",
        city=place.city,
        postcode="".join(str(random.randint(1, 9)) if c == "#" else c for c in place.postcode),
    )
    email = f"{first}.{last}{random.randint(1, 99)}@example.com".lower()
    return Person(new_id(), email, place, address)
