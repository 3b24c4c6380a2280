"""Warehouses: where stock may be kept, and the one that orders are reserved in."""

from dataclasses import dataclass

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import require_warehouse


@dataclass(frozen=True, slots=True)
class Warehouses:
    """Known by their ids; orders are reserved in `main`."""

    main: str
    others: tuple[str, ...] = ()

    def require(self, warehouse_id: str) -> str:
        """Raises `INVALID_VALUE` where it can be no id, `WAREHOUSE_NOT_FOUND` where it is none."""
        require_warehouse(warehouse_id)
        if warehouse_id not in {self.main, *self.others}:
            message = f"There is no warehouse {warehouse_id!r}; the settings name those there are."
            raise Rejected(ErrorCode.WAREHOUSE_NOT_FOUND, message, path=("warehouseId",))
        return warehouse_id
