// <periodic-table>: links with data-column and data-row; arrows go to the next element that has data, Tab passes it as one.

export class PeriodicTable extends HTMLElement {
  connectedCallback(): void {
    const cells = [...this.querySelectorAll<HTMLAnchorElement>('a[data-column]')];
    const focusable = (cell: HTMLAnchorElement | undefined) => cells.forEach((each) => each.setAttribute('tabindex', each === cell ? '0' : '-1'));
    focusable(cells.find((cell) => cell.hasAttribute('aria-current')) ?? cells[0]);
    this.addEventListener('keydown', (event) => {
      const at = cells.indexOf(event.target as HTMLAnchorElement);
      const next = at >= 0 ? this.next(cells, cells[at]!, event.key) : undefined;
      if (next) {
        event.preventDefault();
        focusable(next);
        next.focus();
      }
    });
    this.addEventListener('focusin', (event) => focusable(event.target as HTMLAnchorElement));
  }

  private next(cells: readonly HTMLAnchorElement[], from: HTMLAnchorElement, key: string): HTMLAnchorElement | undefined {
    const place = (cell: HTMLAnchorElement) => [Number(cell.dataset['column']), Number(cell.dataset['row'])] as const;
    const [column, row] = place(from);
    const ahead: Record<string, (cell: readonly [number, number]) => number> = {
      ArrowRight: ([c, r]) => (r === row ? c - column : Number.NaN),
      ArrowLeft: ([c, r]) => (r === row ? column - c : Number.NaN),
      // The nearest in the next rows, where the column itself has none.
      ArrowDown: ([c, r]) => (r > row ? (r - row) * 20 + Math.abs(c - column) : Number.NaN),
      ArrowUp: ([c, r]) => (r < row ? (row - r) * 20 + Math.abs(c - column) : Number.NaN),
    };
    const distance = ahead[key];
    if (!distance) {
      return key === 'Home' ? cells[0] : key === 'End' ? cells.at(-1) : undefined;
    }
    return cells
      .map((cell) => ({ cell, far: distance(place(cell)) }))
      .filter(({ far }) => far > 0)
      .sort((a, b) => a.far - b.far)[0]?.cell;
  }
}
