// <find-plot data-url data-x data-y data-log>: one number of what was found against another. Points are links: the pointer's nearest
// or, by the keyboard, the next to the left or right is named, and opens.
import { h, setText } from '../page/dom';
import { Texts } from '../page/texts';
import { facilityZone } from '../page/wall-clock';
import { axisOf, valueText, type Axis } from './axis';

interface Point {
  readonly proposalId: string;
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

interface Plot {
  readonly xUnit: string;
  readonly yUnit: string;
  readonly points: readonly Point[];
  readonly sample: boolean;
}

const Svg = 'http://www.w3.org/2000/svg';
const Margin = { left: 76, right: 16, top: 14, bottom: 52 };
const NearPx = 24;
const TableRows = 200;

export class FindPlot extends HTMLElement {
  private texts!: Texts;
  private plot: Plot | undefined;
  private placed: { readonly point: Point; readonly left: number; readonly top: number }[] = [];
  private at = -1;
  private readonly frame = h('div', { class: 'plot-frame', tabindex: '0', role: 'application' });
  private readonly tip = h('div', { class: 'plot-tip', hidden: true });
  private readonly status = h('p', { class: 'visually-hidden', role: 'status' });

  connectedCallback(): void {
    if (this.texts) {
      return;
    }
    this.texts = Texts.of(this);
    this.querySelector('noscript')?.remove();
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const reply = await fetch(this.dataset['url'] ?? '', { credentials: 'same-origin', headers: { accept: 'application/json' } });
      const answer = (await reply.json()) as Plot & { detail?: string };
      if (!reply.ok) {
        this.append(h('p', { class: 'empty' }, answer.detail ?? this.texts.get('failed')));
        return;
      }
      this.plot = answer;
    } catch {
      this.append(h('p', { class: 'empty' }, this.texts.get('failed')));
      return;
    }
    if (this.plot.points.length === 0) {
      this.append(h('p', { class: 'empty' }, this.texts.get('none')));
      return;
    }
    const t = this.texts;
    const count = this.plot.points.length;
    this.frame.setAttribute('aria-label', t.get('label', { x: this.titleOf('x'), y: this.titleOf('y'), count }));
    this.append(
      this.frame,
      this.status,
      h('p', { class: 'quiet plot-count' }, t.get(this.plot.sample ? 'sample' : 'count', { count }), ' ', h('span', { class: 'plot-hint' }, t.get('hint'))),
      this.table(),
    );
    this.listen();
    this.draw();
    new ResizeObserver(() => this.draw()).observe(this.frame);
  }

  private titleOf(axis: 'x' | 'y'): string {
    const unit = axis === 'x' ? this.plot!.xUnit : this.plot!.yUnit;
    const name = this.dataset[axis] ?? '';
    return unit === '' || unit === 'time' || unit === 'B' ? name : `${name} (${unit})`;
  }

  private draw(): void {
    const plot = this.plot!;
    const width = Math.max(260, this.frame.clientWidth);
    const height = Math.max(280, Math.min(480, width * 0.62));
    const log = this.dataset['log'] ?? '';
    const x = axisOf(plot.points.map((point) => point.x), plot.xUnit, log.includes('x'), facilityZone());
    const y = axisOf(plot.points.map((point) => point.y), plot.yUnit, log.includes('y'), facilityZone());
    const [w, high] = [width - Margin.left - Margin.right, height - Margin.top - Margin.bottom];
    this.placed = plot.points
      .map((point) => ({ point, left: Margin.left + x.place(point.x) * w, top: Margin.top + (1 - y.place(point.y)) * high }))
      .sort((a, b) => a.left - b.left || a.top - b.top);
    const svg = s('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' });
    svg.append(...this.grid(x, y, w, high, width, height));
    const dots = s('g', { class: 'plot-points' });
    for (const { left, top } of this.placed) {
      dots.append(s('circle', { cx: left.toFixed(1), cy: top.toFixed(1), r: plot.points.length > 500 ? 2.5 : 4 }));
    }
    svg.append(dots, s('circle', { class: 'plot-ring', r: 8, cx: -99, cy: -99 }));
    this.at = -1;
    this.tip.hidden = true;
    this.frame.replaceChildren(svg, this.tip);
  }

  private grid(x: Axis, y: Axis, w: number, high: number, width: number, height: number): SVGElement[] {
    const out: SVGElement[] = [];
    // On a phone every other date would lie on its neighbour.
    const every = Math.ceil((x.ticks.length * 78) / w);
    x.ticks.forEach(({ value, text }, n) => {
      const left = Margin.left + x.place(value) * w;
      out.push(s('line', { class: 'plot-grid', x1: left, x2: left, y1: Margin.top, y2: Margin.top + high }));
      if (n % every === 0) {
        // The last one would stand half outside.
        const anchor = left > width - 40 ? 'end' : 'middle';
        out.push(s('text', { x: anchor === 'end' ? width - 2 : left, y: Margin.top + high + 18, 'text-anchor': anchor }, text));
      }
    });
    for (const { value, text } of y.ticks) {
      const top = Margin.top + (1 - y.place(value)) * high;
      out.push(s('line', { class: 'plot-grid', x1: Margin.left, x2: Margin.left + w, y1: top, y2: top }));
      out.push(s('text', { x: Margin.left - 8, y: top + 4, 'text-anchor': 'end' }, text));
    }
    out.push(s('text', { class: 'plot-title', x: Margin.left + w / 2, y: height - 8, 'text-anchor': 'middle' }, this.titleOf('x')));
    out.push(s('text', { class: 'plot-title', 'text-anchor': 'middle', transform: `translate(14 ${Margin.top + high / 2}) rotate(-90)` }, this.titleOf('y')));
    out.push(s('rect', { class: 'plot-border', x: Margin.left, y: Margin.top, width: width - Margin.left - Margin.right, height: high }));
    return out;
  }

  private listen(): void {
    this.frame.addEventListener('pointermove', (event) => this.name(this.nearest(event), false));
    this.frame.addEventListener('pointerleave', () => this.name(-1, false));
    this.frame.addEventListener('click', (event) => this.open(this.nearest(event), event.ctrlKey || event.metaKey));
    this.frame.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        event.preventDefault();
        this.name(Math.max(0, Math.min(this.placed.length - 1, this.at + step)), true);
      } else if (event.key === 'Home' || event.key === 'End') {
        event.preventDefault();
        this.name(event.key === 'Home' ? 0 : this.placed.length - 1, true);
      } else if (event.key === 'Enter' && this.at >= 0) {
        this.open(this.at, false);
      } else if (event.key === 'Escape') {
        this.name(-1, false);
      }
    });
  }

  private nearest(event: PointerEvent | MouseEvent): number {
    const box = this.frame.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    let [best, far] = [-1, NearPx ** 2];
    this.placed.forEach((each, index) => {
      const distance = (each.left - left) ** 2 + (each.top - top) ** 2;
      if (distance < far) {
        [best, far] = [index, distance];
      }
    });
    return best;
  }

  private name(index: number, aloud: boolean): void {
    if (index === this.at) {
      return;
    }
    this.at = index;
    const each = this.placed[index];
    this.tip.hidden = !each;
    this.frame.classList.toggle('plot-near', each !== undefined);
    const ring = this.frame.querySelector('.plot-ring')!;
    ring.setAttribute('cx', String(each?.left ?? -99));
    ring.setAttribute('cy', String(each?.top ?? -99));
    if (!each) {
      return;
    }
    const { point } = each;
    const values = [`${this.dataset['x']}: ${valueText(point.x, this.plot!.xUnit, facilityZone())}`, `${this.dataset['y']}: ${valueText(point.y, this.plot!.yUnit, facilityZone())}`];
    this.tip.replaceChildren(h('strong', {}, `${point.proposalId} / ${point.id}`), ...values.map((text) => h('span', {}, text)));
    const room = this.frame.clientWidth;
    const width = Math.min(280, room - 16);
    this.tip.style.maxInlineSize = `${width}px`;
    this.tip.style.left = `${Math.max(4, Math.min(room - this.tip.offsetWidth - 4, each.left + 12))}px`;
    this.tip.style.top = `${each.top + 14}px`;
    if (aloud) {
      setText(this.status, `${point.proposalId} / ${point.id}, ${values.join(', ')}`);
    }
  }

  private open(index: number, inTab: boolean): void {
    const point = this.placed[index]?.point;
    if (point) {
      const address = addressOf(point);
      if (inTab) {
        window.open(address, '_blank', 'noopener');
      } else {
        location.assign(address);
      }
    }
  }

  /** What is drawn, for those who do not see it. */
  private table(): HTMLElement {
    const plot = this.plot!;
    return h(
      'details',
      {},
      h('summary', {}, this.texts.get('table')),
      h(
        'div',
        { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': this.texts.get('table') },
        h(
          'table',
          { class: 'table table-sm table-h' },
          h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, this.texts.get('sequence')), h('th', { scope: 'col', class: 'num' }, this.titleOf('x')), h('th', { scope: 'col', class: 'num' }, this.titleOf('y')))),
          h(
            'tbody',
            {},
            ...plot.points.slice(0, TableRows).map((point) =>
              h(
                'tr',
                {},
                h('th', { scope: 'row' }, h('a', { href: addressOf(point) }, `${point.proposalId} / ${point.id}`)),
                h('td', { class: 'num' }, valueText(point.x, plot.xUnit, facilityZone())),
                h('td', { class: 'num' }, valueText(point.y, plot.yUnit, facilityZone())),
              ),
            ),
          ),
        ),
      ),
    );
  }
}

const addressOf = (point: Point) => `/proposals/${encodeURIComponent(point.proposalId)}/sequences/${encodeURIComponent(point.id)}`;

function s(tag: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const element = document.createElementNS(Svg, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
  }
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}
