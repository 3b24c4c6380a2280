import { comparePositions } from "../graphql/position";
import type { OrderRow } from "./documents";

export interface OrderChange {
  position: string;
  order: OrderRow;
}

export interface OrdersPageRead {
  rows: OrderRow[];
  endCursor: string | null;
  hasNextPage: boolean;
}

/** What the list shows; everything in it is keyed by order id, never by row. */
export interface LiveOrders extends OrdersPageRead {
  /** All changes up to here are in the rows. */
  position: string;
  /** When the first page was read, in milliseconds since the epoch. */
  loadedAt: number;
  /** Orders that came while the reader was elsewhere; the pill counts them. */
  waiting: string[];
  /** Order id → position of its last change: what the row flashes for. */
  changed: Record<string, string>;
}

export type LiveOrdersAction =
  | { type: "loaded"; page: OrdersPageRead; position: string; loadedAt: number }
  | { type: "more"; page: OrdersPageRead }
  | { type: "arrived"; changes: OrderChange[]; reading: Reading };

/** How the reader looks at the list while changes arrive. */
export interface Reading {
  newestFirst: boolean;
  /** Rows that appear above what someone reads would move it away. */
  atTop: boolean;
  belongs: (order: OrderRow) => boolean;
}

export const NO_ORDERS: LiveOrders = {
  rows: [],
  endCursor: null,
  hasNextPage: false,
  position: "0",
  loadedAt: 0,
  waiting: [],
  changed: {},
};

export function liveOrders(state: LiveOrders, action: LiveOrdersAction): LiveOrders {
  switch (action.type) {
    case "loaded":
      return {
        ...action.page,
        position: action.position,
        loadedAt: action.loadedAt,
        waiting: [],
        changed: {},
      };
    case "more":
      return { ...state, ...action.page, rows: appendPage(state.rows, action.page.rows) };
    case "arrived":
      return action.changes.reduce(
        (now, change) => applyChange(now, change, action.reading),
        state,
      );
  }
}

/** A row that moved between two pages is on both; the one already here follows the log. */
function appendPage(rows: OrderRow[], page: OrderRow[]): OrderRow[] {
  const known = new Set(rows.map((row) => row.id));
  return [...rows, ...page.filter((row) => !known.has(row.id))];
}

function applyChange(
  state: LiveOrders,
  { position, order }: OrderChange,
  reading: Reading,
): LiveOrders {
  if (comparePositions(position, state.position) <= 0) return state;
  const moved = { ...state, position };
  const shown = state.rows.find((row) => row.id === order.id);
  if (shown) {
    if (comparePositions(order.position, shown.position) < 0) return moved;
    const rows = reading.belongs(order)
      ? state.rows.map((row) => (row === shown ? order : row))
      : state.rows.filter((row) => row !== shown);
    return { ...moved, rows, changed: { ...state.changed, [order.id]: position } };
  }
  if (!reading.belongs(order)) {
    return { ...moved, waiting: state.waiting.filter((id) => id !== order.id) };
  }
  if (!isNew(order, state, reading)) return moved;
  if (!reading.newestFirst || !reading.atTop) {
    return { ...moved, waiting: [...new Set([...state.waiting, order.id])] };
  }
  return {
    ...moved,
    rows: insertNewestFirst(state.rows, order),
    changed: { ...state.changed, [order.id]: position },
  };
}

/**
 * Newest first, the loaded rows hold every order down to the last of them, so an unknown one that
 * belongs among them is new. In another sort only its time can tell.
 */
function isNew(order: OrderRow, { rows, hasNextPage, loadedAt }: LiveOrders, reading: Reading) {
  if (!reading.newestFirst) return placedTime(order) >= loadedAt;
  const last = rows.at(-1);
  return !last || !hasNextPage || placedTime(order) >= placedTime(last);
}

/** Events of two orders may come in another order than their business times. */
function insertNewestFirst(rows: OrderRow[], order: OrderRow): OrderRow[] {
  const older = rows.findIndex((row) => placedTime(row) <= placedTime(order));
  return rows.toSpliced(older < 0 ? rows.length : older, 0, order);
}

/** Drafts have not been placed yet: the list sorts them by when they were begun. */
const placedTime = ({ placedAt, createdAt }: OrderRow): number => Date.parse(placedAt ?? createdAt);
