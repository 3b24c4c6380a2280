/** A position of the log is 64-bit decimal text; length first, then digits, is its numeric order. */
export function comparePositions(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

export const laterPosition = (left: string, right: string): string =>
  comparePositions(left, right) >= 0 ? left : right;
