// <column-order data-columns data-remember>: around the table of what was found. Each heading of a chosen column is dragged to
// another place, or moved by its handle with the arrow keys; the order goes into the address and is kept for next time.
import { h, setText } from '../page/dom';
import { Texts } from '../page/texts';
import { rememberColumns } from './search-api';

export class ColumnOrder extends HTMLElement {
  private texts!: Texts;
  private dragged: HTMLTableCellElement | null = null;
  private readonly status = h('p', { class: 'visually-hidden', role: 'status' });

  connectedCallback(): void {
    const headings = this.headings();
    if (this.texts || headings.length < 2) {
      return;
    }
    this.texts = Texts.of(this);
    this.append(this.status);
    for (const heading of headings) {
      this.equip(heading);
    }
  }

  private equip(heading: HTMLTableCellElement): void {
    const name = heading.dataset['column']!;
    const handle = h('button', { type: 'button', class: 'column-handle', title: this.texts.get('drag'), 'aria-label': this.texts.get('move', { name: nameOf(heading) }) });
    heading.prepend(handle);
    heading.draggable = true;
    handle.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) {
        event.preventDefault();
        const order = this.names();
        this.move(name, order.indexOf(name) + step);
        handle.focus();
      }
    });
    heading.addEventListener('dragstart', (event) => {
      this.dragged = heading;
      event.dataTransfer?.setData('text/plain', name);
      if (event.dataTransfer) {
        event.dataTransfer.effectAllowed = 'move';
      }
    });
    heading.addEventListener('dragend', () => this.mark(null));
    heading.addEventListener('dragover', (event) => {
      if (this.dragged) {
        event.preventDefault();
        this.mark(heading);
      }
    });
    heading.addEventListener('drop', (event) => {
      event.preventDefault();
      const from = this.dragged?.dataset['column'];
      this.mark(null);
      this.dragged = null;
      if (from && from !== name) {
        this.move(from, this.names().indexOf(name));
      }
    });
  }

  private headings(): HTMLTableCellElement[] {
    return [...this.querySelectorAll<HTMLTableCellElement>('thead th[data-column]')];
  }

  private names(): string[] {
    return this.headings().map((heading) => heading.dataset['column']!);
  }

  private mark(over: HTMLElement | null): void {
    for (const heading of this.headings()) {
      heading.classList.toggle('drop-here', heading === over && heading !== this.dragged);
    }
  }

  /** Moves whole columns of the table that is there: nothing is loaded again, and focus and selection stay. */
  private move(name: string, to: number): void {
    const before = this.names();
    const from = before.indexOf(name);
    if (from < 0 || to < 0 || to >= before.length || to === from) {
      return;
    }
    const first = this.headings()[0]!.cellIndex;
    for (const row of this.querySelectorAll<HTMLTableRowElement>('tr')) {
      const cell = row.cells[first + from]!;
      const other = row.cells[first + to]!;
      if (to > from) {
        other.after(cell);
      } else {
        other.before(cell);
      }
    }
    const columns = this.names();
    setText(this.status, this.texts.get('moved', { name: nameOf(this.headings()[to]!), at: to + 1, count: columns.length }));
    this.write(columns);
    if ('remember' in this.dataset) {
      void rememberColumns(columns);
    }
  }

  /** Everything on the page that leads on with the columns. */
  private write(columns: readonly string[]): void {
    const [before, after] = [this.dataset['columns'] ?? '', columns.join(',')];
    this.dataset['columns'] = after;
    const rewritten = (address: string) => {
      const url = new URL(address, location.href);
      if (url.pathname === '/find' || url.searchParams.has('columns')) {
        url.searchParams.set('columns', after);
      }
      return url.pathname + url.search + url.hash;
    };
    history.replaceState(history.state, '', rewritten(location.href));
    for (const link of document.querySelectorAll<HTMLAnchorElement>('main a[href]')) {
      const url = new URL(link.href, location.href);
      const own = url.searchParams.get('columns');
      if (url.origin === location.origin && (own === before || (own === null && url.pathname === '/find' && url.search !== ''))) {
        link.setAttribute('href', rewritten(link.href));
      }
    }
    for (const form of document.querySelectorAll<HTMLFormElement>('main form[action^="/find"]')) {
      let field = form.querySelector<HTMLInputElement>('input[name=columns]');
      if (!field) {
        field = h('input', { type: 'hidden', name: 'columns' });
        form.append(field);
      }
      field.value = after;
    }
    document.querySelector('column-editor')?.dispatchEvent(new Event('columns'));
  }
}

function nameOf(heading: HTMLElement): string {
  return (heading.querySelector('a') ?? heading).textContent?.trim() ?? '';
}
