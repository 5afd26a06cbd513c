"""Prices in a lab book: what the calls of a model cost, as a person says."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.models.prices import Price, price_known_to_all
from lab.store.file import BookFile
from lab.store.schema import now, prices


class Prices:
    """The prices of a book, by the spelling of the endpoint."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def price(self, model: str) -> Price | None:
        """Return the price of a model, as its endpoint is spelt; None where nobody has set one."""
        query = select(prices.c.input_usd, prices.c.output_usd).where(prices.c.model == model)
        with self._file.reading() as db:
            row = db.execute(query).first()
        return Price(row.input_usd, row.output_usd) if row else price_known_to_all(model)

    def set(self, model: str, price: Price | None) -> None:
        """Set the price of a model for the calls to come, or forget it; what was paid stays as it was booked."""
        with self._file.transaction() as db:
            if price is None:
                db.execute(prices.delete().where(prices.c.model == model))
                return
            row = {"model": model, "input_usd": price.input_usd, "output_usd": price.output_usd, "made": now()}
            db.execute(insert(prices).values(row).on_conflict_do_update(("model",), set_=row))

    def all(self) -> dict[str, Price]:
        """Return the prices that were set."""
        with self._file.reading() as db:
            rows = db.execute(select(prices).order_by(prices.c.model))
            return {row.model: Price(row.input_usd, row.output_usd) for row in rows}
