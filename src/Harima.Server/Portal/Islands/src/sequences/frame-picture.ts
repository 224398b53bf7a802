// <frame-picture data-url>: the picture of a sequence, and where its file is a stack, a slider to see another frame of it.

import { h } from '../page/dom';
import { integer, Texts } from '../page/texts';
import { frameIn } from './frame-number';

interface Shown {
  file: string;
  frames: number;
  /** From 0, as REST counts. */
  frame: number;
  source: string;
}

export class FramePicture extends HTMLElement {
  private texts = new Texts({});
  private readonly image = new Image();
  private readonly slider = h('input', { type: 'range', id: 'frame-slider', min: '1', step: '1' });
  private readonly number = h('input', { type: 'number', class: 'form-control form-control-sm', min: '1', step: '1', inputmode: 'numeric', 'aria-describedby': 'frame-said' });
  private readonly said = h('p', { class: 'form-text frame-said', id: 'frame-said', role: 'status' });
  private file = '';
  private frames = 1;
  /** The frame that is wanted, from 0; null while what is wanted is shown. */
  private wanted: number | null = null;
  private isAsking = false;

  connectedCallback(): void {
    if (this.contains(this.image)) {
      return;
    }
    this.texts = Texts.of(this);
    void this.begin();
  }

  /** Where there is no picture, nothing stands here. */
  private async begin(): Promise<void> {
    const shown = await this.ask(null).catch(() => null);
    if (!shown || typeof shown === 'number') {
      return;
    }
    [this.file, this.frames] = [shown.file, shown.frames];
    this.append(this.image);
    if (this.frames > 1) {
      this.offerFrames();
    }
    this.show(shown);
  }

  private offerFrames(): void {
    const { slider, number, texts } = this;
    slider.max = number.max = String(this.frames);
    number.setAttribute('aria-label', texts.get('number'));
    slider.addEventListener('input', () => this.want(slider.valueAsNumber - 1));
    number.addEventListener('change', () => {
      const frame = frameIn(number.value, this.frames);
      if (frame === null) {
        number.setAttribute('aria-invalid', 'true');
        this.said.textContent = texts.get('wrong', { frames: this.frames });
      } else {
        this.want(frame);
      }
    });
    this.append(
      h(
        'div',
        { class: 'frame-controls' },
        h('label', { class: 'form-label mb-0', for: slider.id }, texts.get('slider')),
        slider,
        h('div', { class: 'frame-number' }, number, h('span', { class: 'quiet' }, texts.get('of', { frames: this.frames }))),
        this.said,
      ),
    );
  }

  private want(frame: number): void {
    this.wanted = frame;
    this.said.textContent = '';
    this.say(frame);
    if (!this.isAsking) {
      void this.askForWanted();
    }
  }

  /** One after the other: whoever pulls the slider asks for what they let it stand at, not for all between. */
  private async askForWanted(): Promise<void> {
    this.isAsking = true;
    this.setAttribute('aria-busy', 'true');
    for (let frame = this.wanted; frame !== null; frame = this.wanted) {
      const shown = await this.ask(frame).catch(() => null);
      // Meanwhile another is wanted.
      if (this.wanted !== frame) {
        continue;
      }
      this.wanted = null;
      if (shown && typeof shown !== 'number') {
        this.show(shown);
      } else {
        // The picture of another frame must not stand under this one's number.
        this.image.hidden = true;
        delete this.dataset['shown'];
        this.said.textContent = shown ? this.texts.get('failed', { frame: frame + 1 }) : this.texts.get('unreachable');
      }
    }
    this.isAsking = false;
    this.removeAttribute('aria-busy');
  }

  /** @returns What it shows, or the status of the answer where there is no picture. */
  private async ask(frame: number | null): Promise<Shown | number> {
    const url = this.dataset['url'] ?? '';
    const answer = await fetch(frame === null ? url : `${url}?${new URLSearchParams({ file: this.file, frame: String(frame) }).toString()}`);
    if (!answer.ok) {
      return answer.status;
    }
    return {
      file: decodeURIComponent(answer.headers.get('x-harima-file') ?? ''),
      frames: Number(answer.headers.get('x-harima-frames') ?? '1'),
      frame: Number(answer.headers.get('x-harima-frame') ?? '0'),
      source: await sourceOf(await answer.blob()),
    };
  }

  private show(shown: Shown): void {
    const values = { file: shown.file, frame: shown.frame + 1, frames: this.frames };
    this.image.src = shown.source;
    this.image.alt = this.texts.get(this.frames > 1 ? 'frameOf' : 'picture', values);
    this.image.hidden = false;
    this.dataset['shown'] = String(shown.frame + 1);
    this.say(shown.frame);
  }

  /** Slider and number stand at the same frame. */
  private say(frame: number): void {
    this.slider.value = this.number.value = String(frame + 1);
    this.number.removeAttribute('aria-invalid');
    this.slider.setAttribute('aria-valuetext', `${integer(frame + 1)} ${this.texts.get('of', { frames: this.frames })}`);
  }
}

/** As the policy of the page's contents allows it: data, not an address of its own. */
function sourceOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error ?? new Error('unreadable')));
    reader.readAsDataURL(blob);
  });
}
