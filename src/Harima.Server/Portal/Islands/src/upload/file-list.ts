// The list of what is being uploaded. Only the rows in view exist in the document, so 100,000 files scroll like ten.
import { h, icon, setText } from '../page/dom';
import type { IconName } from '../page/icons';
import { bytes, type Texts } from '../page/texts';
import type { QueuedFile, Trouble, UploadQueue } from './queue';
import type { FileState, Folder, Row } from './folders';

const RowHeight = 36;
const Overscan = 6;

const StateIcons: Record<FileState, IconName> = {
  waiting: 'clock', checking: 'arrowRepeat', sending: 'sending', done: 'check', skipped: 'same', failed: 'failed',
};

export class FileList {
  readonly element: HTMLElement;
  onlyFailed = false;
  private readonly body = h('div', { class: 'upload-rows', role: 'rowgroup' });
  private readonly table = h('div', { role: 'table' });
  private readonly scroller = h('div', { class: 'upload-scroll', role: 'region', tabindex: '0' });
  private rows: Row[] = [];
  private readonly shown = new Map<number, RowView>();

  constructor(
    private readonly queue: UploadQueue,
    private readonly texts: Texts,
    private readonly describe: (trouble: Trouble) => string,
  ) {
    const head = h(
      'div',
      { role: 'row', class: 'upload-row upload-head', 'aria-rowindex': '1' },
      h('div', { role: 'columnheader' }, texts.get('columnName')),
      h('div', { role: 'columnheader', class: 'upload-size' }, texts.get('columnSize')),
      h('div', { role: 'columnheader', class: 'upload-state' }, texts.get('columnState')),
    );
    this.table.setAttribute('aria-label', texts.get('listLabel'));
    this.table.append(h('div', { role: 'rowgroup', class: 'upload-heads' }, head), this.body);
    this.element = h('div', { class: 'upload-list' }, this.scroller);
    this.scroller.setAttribute('aria-label', texts.get('listLabel'));
    this.scroller.append(this.table);
    this.scroller.addEventListener('scroll', () => this.draw(), { passive: true });
  }

  /** After files were added, a folder was opened, or the filter changed. */
  relayout(): void {
    this.rows = this.queue.tree.rows(this.onlyFailed ? (file) => file.state === 'failed' : undefined);
    this.body.style.height = `${this.rows.length * RowHeight}px`;
    // One more for the head, which stays on top of the rows that scroll below it.
    this.scroller.style.height = `${(1 + Math.min(12, Math.max(2, this.rows.length))) * RowHeight}px`;
    this.table.setAttribute('aria-rowcount', String(this.rows.length + 1));
    for (const view of this.shown.values()) {
      view.element.remove();
    }
    this.shown.clear();
    this.draw();
  }

  draw(): void {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / RowHeight) - Overscan);
    const last = Math.min(this.rows.length, first + Math.ceil(this.scroller.clientHeight / RowHeight) + 2 * Overscan);
    for (const [index, view] of this.shown) {
      if (index < first || index >= last) {
        view.element.remove();
        this.shown.delete(index);
      }
    }
    for (let index = first; index < last; index++) {
      let view = this.shown.get(index);
      if (!view) {
        view = new RowView(this.rows[index]!, index, this.texts, this.describe, (folder) => this.toggle(folder));
        this.shown.set(index, view);
        this.body.append(view.element);
      }
      view.refresh();
    }
  }

  private toggle(folder: Folder): void {
    folder.open = !folder.open;
    this.relayout();
    const index = this.rows.findIndex((row) => row.kind === 'folder' && row.folder === folder);
    this.shown.get(index)?.element.querySelector('button')?.focus();
  }
}

class RowView {
  readonly element: HTMLElement;
  private readonly state = h('span', { class: 'upload-state-text' });
  private readonly stateIcon = h('span', {});
  private readonly bar = h('span', { class: 'upload-bar-fill' });
  private drawn = '';

  constructor(
    private readonly row: Row,
    index: number,
    private readonly texts: Texts,
    private readonly describe: (trouble: Trouble) => string,
    toggle: (folder: Folder) => void,
  ) {
    const [name, size, depth] =
      row.kind === 'folder'
        ? [folderButton(row.folder, texts, toggle), row.folder.sizeBytes, row.folder.depth]
        : [fileName(row.file.name, row.file.path), row.file.sizeBytes, row.file.folder.depth + 1];
    name.style.paddingInlineStart = `${Math.min(depth, 8) * 1.1}rem`;
    this.element = h(
      'div',
      { role: 'row', class: `upload-row upload-${row.kind}`, 'aria-rowindex': String(index + 2) },
      h('div', { role: 'cell', class: 'upload-name' }, name),
      h('div', { role: 'cell', class: 'upload-size' }, bytes(size)),
      h('div', { role: 'cell', class: 'upload-state' }, this.stateIcon, this.state, h('span', { class: 'upload-bar', 'aria-hidden': 'true' }, this.bar)),
    );
    this.element.style.transform = `translateY(${index * RowHeight}px)`;
  }

  refresh(): void {
    const { state, text, share } = this.row.kind === 'folder' ? this.ofFolder(this.row.folder) : this.ofFile(this.row.file as QueuedFile);
    const key = `${state} ${text} ${share.toFixed(3)}`;
    if (key === this.drawn) {
      return;
    }
    if (!this.drawn.startsWith(state + ' ')) {
      this.stateIcon.replaceChildren(icon(StateIcons[state]));
      this.element.dataset['state'] = state;
    }
    this.drawn = key;
    setText(this.state, text);
    this.state.title = text;
    this.bar.style.transform = `scaleX(${share})`;
  }

  private ofFile(file: QueuedFile): { state: FileState; text: string; share: number } {
    const share = file.state === 'done' || file.state === 'skipped' ? 1 : file.sizeBytes > 0 ? file.sentBytes / file.sizeBytes : 0;
    const percent = Math.floor(share * 100);
    const text =
      file.state === 'failed' && file.trouble
        ? this.describe(file.trouble)
        : this.texts.get(file.state === 'sending' && percent > 0 ? 'stateSendingPercent' : `state_${file.state}`, { percent });
    return { state: file.state, text, share };
  }

  private ofFolder(folder: Folder): { state: FileState; text: string; share: number } {
    const state: FileState =
      folder.failedCount > 0 ? 'failed' : folder.finishedCount === folder.fileCount ? 'done' : folder.finishedCount > 0 ? 'sending' : 'waiting';
    const values = { finished: folder.finishedCount, count: folder.fileCount, failed: folder.failedCount };
    const text = this.texts.get(folder.failedCount > 0 ? 'folderFailed' : 'folderState', values);
    return { state, text, share: folder.fileCount > 0 ? folder.finishedCount / folder.fileCount : 0 };
  }
}

function folderButton(folder: Folder, texts: Texts, toggle: (folder: Folder) => void): HTMLElement {
  const element = h(
    'button',
    { type: 'button', class: 'upload-toggle', 'aria-expanded': String(folder.open), title: folder.path },
    icon(folder.open ? 'chevronDown' : 'chevronRight'),
    icon('folder'),
    h('span', { class: 'upload-label' }, folder.name),
    h('span', { class: 'visually-hidden' }, texts.get('folder')),
  );
  element.addEventListener('click', () => toggle(folder));
  return element;
}

function fileName(name: string, path: string): HTMLElement {
  return h('span', { class: 'upload-file-name', title: path }, icon('file'), h('span', { class: 'upload-label' }, name));
}
