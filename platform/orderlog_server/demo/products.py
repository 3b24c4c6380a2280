"""What the demo shop sells: things for a desk and a kitchen, priced in four currencies."""

from dataclasses import dataclass
from typing import Final

from orderlog.domain.money import UnitPrice

TAX_RATE_PPM: Final = 200_000
SCARCE: Final = frozenset({"LAMP-BRASS", "TEAPOT-CAST"})
"""Nearly sold out, so that some orders are refused for want of stock."""


@dataclass(frozen=True, slots=True)
class Product:
    sku: str
    title: str
    price_pence: int
    stock: int

    def price_in(self, currency: str) -> UnitPrice:
        """A price list of its own for each currency, rounded as a shop would."""
        match currency:
            case "JPY":
                return UnitPrice(self.price_pence * 19 // 100 * 10, 0)
            case "KWD":
                return UnitPrice(self.price_pence * 41 // 500 * 50, 3)
            case "EUR":
                return UnitPrice(self.price_pence * 6 // 25 * 5, 2)
            case _:
                return UnitPrice(self.price_pence, 2)


PRODUCTS: Final = tuple(
    Product(sku, title, price_pence, 2 if sku in SCARCE else stock)
    for sku, title, price_pence, stock in (
        ("MUG-BLUE", "Stoneware mug, blue", 1250, 240),
        ("MUG-SAND", "Stoneware mug, sand", 1250, 210),
        ("MUG-SET-4", "Stoneware mugs, set of four", 4400, 90),
        ("BOWL-S", "Breakfast bowl, small", 950, 180),
        ("BOWL-L", "Salad bowl, large", 2800, 75),
        ("PLATE-DINNER", "Dinner plate", 1600, 200),
        ("TEAPOT-CAST", "Cast-iron teapot, 0.8 l", 5900, 2),
        ("TEA-EARL", "Earl Grey, loose leaf, 250 g", 1190, 320),
        ("TEA-SENCHA", "Sencha, loose leaf, 100 g", 1390, 260),
        ("COFFEE-HOUSE", "House espresso, beans, 1 kg", 2250, 300),
        ("COFFEE-DECAF", "Decaf filter, beans, 500 g", 1350, 150),
        ("GRINDER-HAND", "Hand grinder, steel burrs", 8900, 45),
        ("DRIPPER-02", "Pour-over dripper, size 02", 2150, 120),
        ("FILTER-100", "Paper filters, 100 pieces", 590, 500),
        ("KETTLE-GOOSE", "Gooseneck kettle, 1 l", 7400, 60),
        ("SCALE-KITCHEN", "Kitchen scale, 0.1 g", 3900, 85),
        ("BOARD-OAK", "Chopping board, oak", 3400, 110),
        ("KNIFE-PARING", "Paring knife, 9 cm", 2900, 95),
        ("KNIFE-CHEF", "Chef's knife, 20 cm", 7900, 55),
        ("APRON-LINEN", "Linen apron, charcoal", 3200, 130),
        ("TOWEL-SET", "Tea towels, set of three", 1800, 220),
        ("JAR-1L", "Storage jar, 1 l", 1100, 280),
        ("OIL-OLIVE", "Olive oil, first press, 500 ml", 1650, 240),
        ("HONEY-HEATHER", "Heather honey, 340 g", 980, 190),
        ("NOTEBOOK-A5", "Notebook A5, dotted", 1150, 400),
        ("NOTEBOOK-A6", "Notebook A6, plain", 850, 380),
        ("PEN-FOUNTAIN", "Fountain pen, fine", 4200, 70),
        ("PEN-GEL-3", "Gel pens, three black", 690, 450),
        ("INK-NIGHT", "Ink, night blue, 50 ml", 1450, 140),
        ("PENCIL-12", "Cedar pencils, twelve", 990, 350),
        ("RULER-BRASS", "Brass ruler, 15 cm", 1900, 100),
        ("LAMP-DESK", "Desk lamp, warm white", 8400, 50),
        ("LAMP-BRASS", "Reading lamp, brass", 14900, 2),
        ("ORGANISER", "Desk organiser, walnut", 4600, 65),
        ("CALENDAR-27", "Wall calendar 2027", 1500, 260),
        ("CARD-THANKS-8", "Thank-you cards, eight", 1200, 300),
        ("TAPE-WASHI-5", "Washi tape, five rolls", 1050, 330),
        ("CANDLE-FIG", "Candle, fig and cedar", 2400, 170),
        ("VASE-GLASS", "Glass vase, smoke", 3600, 80),
        ("BLANKET-WOOL", "Wool blanket, 130 × 180", 9800, 40),
    )
)
