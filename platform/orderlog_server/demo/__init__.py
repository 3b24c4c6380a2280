"""A small shop in motion: products, people, two months of orders, new ones all the time."""
