"""Stock of one SKU in one warehouse: can be asked, can have happened, why."""
