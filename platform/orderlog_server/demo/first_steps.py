"""What a newcomer can paste into a terminal: a question and a mutation that works as it is."""

QUESTION = (
    "{ orders(first: 3) { nodes { number customerName lifecycle total { amount currency } } } }"
)
MUTATION = """mutation {
  createDraftOrder(input: {
    currency: "GBP", guestEmail: "ada@example.com"
    lines: [{sku: "MUG-BLUE", title: "Stoneware mug, blue", quantity: 2,
             unitPrice: {amount: "12.50", currency: "GBP"}, requiresShipping: false}]
  }) { order { id total { amount currency } } errors { code message } }
}"""


def first_steps(url: str, token: str) -> str:
    """A curl to ask with, and a mutation for the playground."""
    return f"""
Ask:

  TOKEN={token}
  curl {url}/graphql -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '{{"query": "{QUESTION}"}}'

Begin an order, in {url}/playground:

{indented(MUTATION)}

A new order comes every few seconds. Ctrl-C stops."""


def indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
