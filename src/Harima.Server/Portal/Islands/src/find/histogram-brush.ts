// <histogram-brush data-url data-field>: over the bars of a histogram; a drag over some of them sets the range.
import { h, setText } from '../page/dom';
import { Texts } from '../page/texts';

export class HistogramBrush extends HTMLElement {
  private bars: SVGRectElement[] = [];
  private first = -1;
  private readonly veil = h('div', { class: 'brush', hidden: true });
  private readonly range = h('output', { class: 'brush-range', hidden: true });

  connectedCallback(): void {
    const svg = this.querySelector('svg');
    if (!svg || this.bars.length > 0) {
      return;
    }
    const texts = Texts.of(this);
    this.bars = [...this.querySelectorAll('rect')];
    this.append(this.veil, this.range);
    const indexAt = (event: PointerEvent) => {
      const box = svg.getBoundingClientRect();
      return Math.max(0, Math.min(this.bars.length - 1, Math.floor(((event.clientX - box.left) / box.width) * this.bars.length)));
    };
    svg.addEventListener('pointerdown', (event) => {
      if (event.button === 0) {
        this.first = indexAt(event);
        svg.setPointerCapture(event.pointerId);
        this.show(this.first, texts);
      }
    });
    svg.addEventListener('pointermove', (event) => {
      if (this.first >= 0) {
        this.show(indexAt(event), texts);
      }
    });
    svg.addEventListener('pointercancel', () => this.hide());
    svg.addEventListener('pointerup', (event) => {
      if (this.first >= 0) {
        const [from, to] = this.ends(indexAt(event));
        this.hide();
        this.go(from, to);
      }
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.first >= 0) {
        this.hide();
      }
    });
  }

  private ends(index: number): [number, number] {
    return [Math.min(this.first, index), Math.max(this.first, index)];
  }

  private show(index: number, texts: Texts): void {
    const [from, to] = this.ends(index);
    const width = 100 / this.bars.length;
    this.veil.style.insetInlineStart = `${from * width}%`;
    this.veil.style.inlineSize = `${(to - from + 1) * width}%`;
    this.veil.hidden = this.range.hidden = false;
    setText(this.range, texts.get('range', { from: this.bars[from]!.dataset['from'] ?? '', to: this.bars[to]!.dataset['to'] ?? '' }));
  }

  private hide(): void {
    this.first = -1;
    this.veil.hidden = this.range.hidden = true;
  }

  private go(from: number, to: number): void {
    const url = new URL(this.dataset['url'] ?? '/find', location.href);
    url.searchParams.set('narrow', this.dataset['field'] ?? '');
    url.searchParams.set('from', this.bars[from]!.dataset['from'] ?? '');
    // The upper edge of a bin of numbers belongs to the next one; days are whole.
    url.searchParams.set('exclusive' in this.dataset ? 'below' : 'to', this.bars[to]!.dataset['to'] ?? '');
    location.assign(url);
  }
}
