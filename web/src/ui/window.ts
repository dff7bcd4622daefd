// Fixed-height windowing: which rows of a long list are worth having in the page.

export interface Window {
  first: number;
  last: number;
  before: number;
  after: number;
}

/** Rows that `height` shows at `scrollTop`, and `spare` on either side; the rest as blank heights. */
export function windowOf(count: number, row: number, scrollTop: number, height: number, spare = 8): Window {
  const first = Math.min(Math.max(0, Math.floor(scrollTop / row) - spare), Math.max(0, count - 1));
  const last = Math.min(count, Math.ceil((scrollTop + height) / row) + spare);
  return { first, last: Math.max(first, last), before: first * row, after: Math.max(0, count - last) * row };
}

/** The scroll position that shows row `index` fully, the nearest to `scrollTop`. */
export function scrollTo(index: number, row: number, scrollTop: number, height: number): number {
  const top = index * row;
  if (top < scrollTop) return top;
  if (top + row > scrollTop + height) return top + row - height;
  return scrollTop;
}
