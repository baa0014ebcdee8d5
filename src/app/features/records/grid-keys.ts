/** How keys move through the grid: a pure function from where one is to where one goes. */

/** A cell of the grid. Row -1 is the header; column 0 is the margin. */
export interface Spot {
  readonly row: number;
  readonly column: number;
}

export interface Size {
  /** Rows of records, the header not counted. */
  readonly rows: number;
  /** Columns, the margin counted. */
  readonly columns: number;
  /** Rows that a page key passes. */
  readonly page: number;
}

export interface Key {
  readonly key: string;
  /** Control, or Command on a Mac. */
  readonly control: boolean;
}

/** Where a key goes from `spot`; null when it moves nothing. */
export function moveBy({ key, control }: Key, spot: Spot, size: Size): Spot | null {
  const row = (to: number) => Math.max(-1, Math.min(size.rows - 1, to));
  const column = (to: number) => Math.max(0, Math.min(size.columns - 1, to));
  switch (key) {
    case 'ArrowUp':
      return { ...spot, row: control ? Math.min(0, size.rows - 1) : row(spot.row - 1) };
    case 'ArrowDown':
      return { ...spot, row: control ? size.rows - 1 : row(spot.row + 1) };
    case 'ArrowLeft':
      return { ...spot, column: control ? 0 : column(spot.column - 1) };
    case 'ArrowRight':
      return { ...spot, column: control ? size.columns - 1 : column(spot.column + 1) };
    case 'Home':
      return { row: control ? Math.min(0, size.rows - 1) : spot.row, column: 0 };
    case 'End':
      return { row: control ? size.rows - 1 : spot.row, column: size.columns - 1 };
    case 'PageUp':
      return { ...spot, row: row(Math.max(Math.min(0, size.rows - 1), spot.row - size.page)) };
    case 'PageDown':
      return { ...spot, row: row(spot.row + size.page) };
    default:
      return null;
  }
}

/** The cell that Tab (or Shift+Tab) goes to out of an editor: along the row, then to the next; null at the ends. */
export function tabFrom(spot: Spot, back: boolean, size: Size): Spot | null {
  // The margin holds no value.
  if (back) {
    if (spot.column > 1) return { ...spot, column: spot.column - 1 };
    return spot.row > 0 ? { row: spot.row - 1, column: size.columns - 1 } : null;
  }
  if (spot.column < size.columns - 1) return { ...spot, column: spot.column + 1 };
  return spot.row < size.rows - 1 ? { row: spot.row + 1, column: 1 } : null;
}

/** Whether a key types something: it starts an edit with that character. */
export const types = (event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}): boolean =>
  // AltGr, which types on many keyboards, says Control and Alt at once.
  /^.$/su.test(event.key) && event.key !== ' ' && !event.metaKey && event.ctrlKey === event.altKey;
