"""flatbook: the inventory-risk desk for crypto-derivatives market makers."""

__version__ = "0.1.0"
