// <upload-island>: the drop zone, the list and the buttons around an UploadQueue. It stands inside the upload form; on
// "Upload" the form is sent first (it opens the sequence and stores the metadata), then the bytes go to the S3 gateway.
// With data-workspace it stands alone on the page of a workspace that exists already, and nothing has to be prepared.
import { button, h, icon, setText } from '../page/dom';
import { bytes, duration, Texts } from '../page/texts';
import { sendByXhr } from '../s3/http';
import { ChecksumPool } from './checksum-pool';
import { FileList } from './file-list';
import { orThrow, PortalError, UploadAccess } from './portal';
import { UploadQueue, type Trouble } from './queue';
import { roundRemaining, Speedometer } from './speed';
import { FilesPerTurn, nextTask, sortInTurns } from './turns';
import { findUnfinished, forgetUpload, keepFolders, keptFolders, rememberUpload } from './unfinished';
import { droppedEntries, newWalk, walkEntries, walkHandle, walkInput, type Walk } from './walk';

const RefreshMs = 250;
const SpeakEveryMs = 10_000;

/** What the portal answers once the sequence is open. */
interface PreparedSequence {
  readonly proposal: string;
  readonly sequence: string;
  readonly url: string;
  readonly sequenceUrl: string;
}

/** Where the files go. */
interface Destination {
  /** As people call it, in the list of unfinished uploads. */
  readonly name: string;
  /** Of the sequence or workspace in the REST API. */
  readonly address: string;
  readonly folder: string;
  /** The page to return to, so that a reload finds the same sequence. */
  readonly url: string;
  /** Where to look at what has been stored. */
  readonly showUrl: string;
}

export class UploadIsland extends HTMLElement {
  private texts!: Texts;
  private queue!: UploadQueue;
  private list!: FileList;
  private access: UploadAccess | undefined;
  private destination: Destination | undefined;
  private checksums: ChecksumPool | undefined;
  private folders: FileSystemDirectoryHandle[] = [];
  private readonly speed = new Speedometer();
  private timer = 0;
  private drawnVersion = -1;
  private rememberedAt = 0;
  private spokenAt = 0;
  private leftOut = 0;
  private unreadable = 0;

  private readonly zone = h('div', { class: 'upload-zone' });
  private readonly notice = h('div', { class: 'upload-notice', role: 'alert' });
  private readonly resumeBox = h('div', { class: 'upload-resume' });
  private readonly panel = h('div', { class: 'upload-panel', hidden: true });
  private readonly summary = h('p', { class: 'upload-summary' });
  private readonly figures = h('p', { class: 'upload-figures' });
  private readonly bar = h('div', { class: 'progress-bar' });
  private readonly progress = h('div', { class: 'progress', role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100' }, this.bar);
  private readonly live = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private readonly finish = h('div', { class: 'upload-finish' });
  private startButton!: HTMLButtonElement;
  private pauseButton!: HTMLButtonElement;
  private resumeButton!: HTMLButtonElement;
  private retryButton!: HTMLButtonElement;
  private cancelButton!: HTMLButtonElement;
  private failedToggle!: HTMLButtonElement;

  connectedCallback(): void {
    if (this.queue) {
      return;
    }
    this.texts = Texts.of(this);
    this.renew();
    this.build();
    addEventListener('beforeunload', this.warn);
    void this.offerToContinue();
  }

  disconnectedCallback(): void {
    removeEventListener('beforeunload', this.warn);
    clearInterval(this.timer);
    this.queue.pause();
    this.checksums?.dispose();
  }

  private renew(): void {
    const access = () => {
      if (!this.access) {
        throw new Error('The sequence is prepared before the queue starts.');
      }
      return this.access;
    };
    this.queue = new UploadQueue({
      access: {
        target: () => access().target(),
        renew: () => access().renew(),
        storedFiles: () => access().storedFiles(),
        now: () => access().now(),
      },
      send: sendByXhr,
      checksum: (blob, signal) => (this.checksums ??= new ChecksumPool()).checksum(blob, signal),
    });
    this.list = new FileList(this.queue, this.texts, (trouble) => this.describe(trouble));
    this.speed.reset();
    this.leftOut = 0;
    this.unreadable = 0;
  }

  // Building

  private build(): void {
    const t = this.texts;
    this.startButton = button('btn btn-primary btn-lg', t.get('upload'), () => void this.begin(), 'upload');
    this.pauseButton = button('btn btn-outline-primary', t.get('pause'), () => this.queue.pause(), 'pause');
    this.resumeButton = button('btn btn-primary', t.get('resume'), () => void this.begin(), 'play');
    this.retryButton = button('btn btn-primary', t.get('retryFailed'), () => void this.retry(), 'arrowRepeat');
    this.cancelButton = button('btn btn-outline-secondary', t.get('cancel'), () => void this.cancel(), 'x');
    this.failedToggle = button('btn btn-sm btn-outline-danger', '', () => this.toggleFailed());
    this.failedToggle.setAttribute('aria-pressed', 'false');
    this.progress.setAttribute('aria-label', t.get('progressLabel'));
    this.buildZone();
    const buttons = h('div', { class: 'upload-buttons' }, this.startButton, this.pauseButton, this.resumeButton, this.retryButton, this.cancelButton);
    this.panel.append(this.summary, this.progress, this.figures, buttons, this.finish, this.failedToggle, this.list.element);
    this.append(this.resumeBox, this.zone, this.notice, this.panel, this.live);
    this.refresh();
  }

  private buildZone(): void {
    const t = this.texts;
    const files = h('input', { type: 'file', multiple: true, class: 'visually-hidden', tabindex: '-1', 'aria-hidden': 'true', 'data-pick': 'files' });
    const folder = h('input', { type: 'file', webkitdirectory: true, class: 'visually-hidden', tabindex: '-1', 'aria-hidden': 'true', 'data-pick': 'folder' });
    for (const input of [files, folder]) {
      input.addEventListener('change', () => {
        void this.take((walk) => walkInput([...(input.files ?? [])], walk)).then(() => (input.value = ''));
      });
    }
    // The sentence of the source document; its second half is the button.
    const browse = button('btn btn-link upload-browse', t.get('browse'), () => files.click());
    const folderButton = button('btn btn-outline-primary', t.get('chooseFolder'), () => folder.click(), 'folderPlus');
    this.zone.append(
      icon('upload'),
      h('p', { class: 'upload-invitation' }, t.get('drop'), browse),
      h('p', { class: 'upload-hint' }, t.get('dropHint')),
      folderButton,
      files,
      folder,
    );
    // A drop that misses the zone must not make the browser leave the page for the file.
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files')) {
        event.preventDefault();
        this.zone.classList.add('upload-over');
      }
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', (event) => event.relatedTarget === null && this.zone.classList.remove('upload-over'));
    addEventListener('drop', (event) => this.dropped(event));
  }

  private dropped(event: DragEvent): void {
    this.zone.classList.remove('upload-over');
    // A metadata field under the pointer takes its json itself.
    if (!event.dataTransfer?.types.includes('Files') || event.defaultPrevented) {
      return;
    }
    event.preventDefault();
    const entries = droppedEntries(event.dataTransfer);
    const handles = [...event.dataTransfer.items].map((item) => (item as HandleItem).getAsFileSystemHandle?.());
    void this.take((walk) => walkEntries(entries, walk));
    void Promise.all(handles).then(
      (found) => this.folders.push(...found.filter((handle) => handle?.kind === 'directory') as FileSystemDirectoryHandle[]),
      () => undefined,
    );
  }

  // Acting

  private async take(walkInto: (walk: Walk) => Promise<Walk>): Promise<void> {
    const walk = newWalk();
    const counting = setInterval(() => setText(this.notice, this.texts.get('reading', { count: walk.files.length })), RefreshMs);
    try {
      await walkInto(walk);
    } finally {
      clearInterval(counting);
    }
    if (this.queue.state === 'finished') {
      this.startAfresh();
    }
    this.leftOut += walk.leftOut;
    this.unreadable += walk.unreadable.length;
    // Browsers hand out folders in the order of the disk; people and logs expect 1, 2, 10.
    const order = new Intl.Collator(undefined, { numeric: true });
    const sorted = await sortInTurns(walk.files, (a, b) => order.compare(a.path, b.path));
    for (let at = 0; at < sorted.length; at += FilesPerTurn) {
      this.queue.add(sorted.slice(at, at + FilesPerTurn));
      await nextTask();
    }
    openWhileShort(this.queue);
    this.list.relayout();
    this.showWalk(walk.files.length);
    this.refresh();
  }

  private showWalk(found: number): void {
    const notes: string[] = [];
    if (found === 0) {
      notes.push(this.texts.get('nothingFound'));
    }
    if (this.leftOut > 0) {
      notes.push(this.texts.get('leftOut', { count: this.leftOut }));
    }
    if (this.unreadable > 0) {
      notes.push(this.texts.get('unreadableFiles', { count: this.unreadable }));
    }
    setText(this.notice, notes.join(' '));
  }

  private startAfresh(): void {
    const old = this.list.element;
    this.renew();
    old.replaceWith(this.list.element);
    this.folders = [];
    this.finish.replaceChildren();
  }

  private async begin(): Promise<void> {
    setText(this.notice, '');
    try {
      await this.prepare();
    } catch (error) {
      this.showProblem(error);
      return;
    }
    await this.run(() => this.queue.start());
  }

  private retry(): Promise<void> {
    return this.run(() => this.queue.retryFailed());
  }

  private async run(start: () => Promise<void>): Promise<void> {
    this.speed.reset();
    this.finish.replaceChildren();
    this.remember(true);
    clearInterval(this.timer);
    this.timer = window.setInterval(() => this.tick(), RefreshMs);
    const running = start();
    this.refresh();
    await running;
    clearInterval(this.timer);
    this.tick();
    this.atRest();
  }

  private async prepare(): Promise<void> {
    if (this.destination) {
      return;
    }
    this.destination = this.dataset['workspace'] === undefined ? await this.openSequence() : this.workspace();
    this.access = new UploadAccess(this.destination.address, this.destination.folder);
    void keepFolders(this.destination.url, this.folders);
  }

  private workspace(): Destination {
    const name = this.dataset['workspace'] ?? '';
    const folder = this.dataset['folder'] ?? '';
    return {
      name: [name, ...folder.split('/').filter((part) => part !== '')].join(' / '),
      address: `${this.api}/workspaces/${encodeURIComponent(name)}`,
      folder,
      url: this.dataset['url'] ?? location.href,
      showUrl: this.dataset['url'] ?? location.href,
    };
  }

  /** Sends the form: the sequence is opened and its metadata stored before the first byte. */
  private async openSequence(): Promise<Destination> {
    const form = this.closest('form');
    if (!form || !form.reportValidity()) {
      throw new PortalError(0, '');
    }
    const reply = await fetch(this.dataset['prepare'] ?? form.action, {
      method: 'POST',
      body: new FormData(form),
      headers: { accept: 'application/json', 'x-harima-csrf': '1' },
      credentials: 'same-origin',
    });
    const { proposal, sequence, url, sequenceUrl } = (await (await orThrow(reply)).json()) as PreparedSequence;
    history.replaceState(history.state, '', url);
    for (const field of form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>('[data-fixed-once-started]')) {
      field.toggleAttribute(field instanceof HTMLSelectElement ? 'disabled' : 'readonly', true);
    }
    const address = `${this.api}/proposals/${encodeURIComponent(proposal)}/sequences/${encodeURIComponent(sequence)}`;
    return { name: `${proposal} / ${sequence}`, address, folder: '', url, showUrl: sequenceUrl };
  }

  private get api(): string {
    return this.dataset['api'] ?? '/api/v1';
  }

  private async cancel(): Promise<void> {
    if (this.queue.busy && !confirm(this.texts.get('cancelConfirm'))) {
      return;
    }
    const queue = this.queue;
    this.startAfresh();
    this.list.relayout();
    this.drawnVersion = -1;
    this.refresh();
    if (this.destination) {
      forgetUpload(this.destination.url);
    }
    await queue.cancel();
  }

  private toggleFailed(): void {
    this.list.onlyFailed = !this.list.onlyFailed;
    this.failedToggle.setAttribute('aria-pressed', String(this.list.onlyFailed));
    this.list.relayout();
  }

  private async offerToContinue(): Promise<void> {
    const url = this.dataset['url'] ?? '';
    const unfinished = url ? findUnfinished(url) : undefined;
    if (!unfinished) {
      return;
    }
    const { fileCount, finishedCount, names } = unfinished;
    const text = this.texts.get('continue', { finished: finishedCount, count: fileCount, names: names.join(', ') });
    this.resumeBox.append(h('p', {}, icon('arrowRepeat'), text));
    const kept = await keptFolders(url);
    if (kept.length > 0) {
      const again = button('btn btn-primary', this.texts.get('continueNow'), () => void this.continueWith(kept), 'play');
      this.resumeBox.append(again);
    }
  }

  private async continueWith(kept: FileSystemDirectoryHandle[]): Promise<void> {
    for (const folder of kept as PermissionHandle[]) {
      if ((await folder.requestPermission({ mode: 'read' })) !== 'granted') {
        return;
      }
    }
    this.folders = kept;
    await this.take(async (walk) => {
      for (const folder of kept) {
        await walkHandle(folder, walk);
      }
      return walk;
    });
    await this.begin();
  }

  // Showing

  private tick(): void {
    const { queue } = this;
    if (queue.state === 'running') {
      this.speed.sample(performance.now(), queue.sentBytes, queue.sentFiles);
    }
    this.remember(false);
    if (queue.version !== this.drawnVersion || queue.busy) {
      this.refresh();
    }
  }

  private refresh(): void {
    const { queue, texts } = this;
    this.drawnVersion = queue.version;
    const count = queue.files.length;
    const left = count - queue.finishedFiles;
    const begun = queue.state !== 'idle';
    this.panel.hidden = count === 0;
    this.dataset['state'] = queue.state;
    this.zone.classList.toggle('upload-zone-small', count > 0);
    show(this.startButton, queue.state === 'idle' && left > 0);
    setText(this.startButton.lastElementChild!, texts.get('uploadAmount', { amount: bytes(queue.totalBytes - queue.tree.root.finishedBytes) }));
    show(this.pauseButton, queue.busy);
    show(this.resumeButton, queue.state === 'paused');
    show(this.retryButton, !queue.busy && queue.failedFiles > 0);
    show(this.cancelButton, queue.state !== 'finished');
    show(this.failedToggle, queue.failedFiles > 0 || this.list.onlyFailed);
    setText(this.failedToggle.lastElementChild!, texts.get('showFailed', { count: queue.failedFiles }));
    show(this.progress, begun);
    const share = queue.totalBytes > 0 ? queue.progressBytes / queue.totalBytes : queue.finishedFiles / Math.max(1, count);
    this.bar.style.width = `${(share * 100).toFixed(1)}%`;
    this.progress.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
    const values = {
      finished: queue.finishedFiles, count, skipped: queue.skippedFiles, failed: queue.failedFiles,
      bytes: bytes(queue.progressBytes), total: bytes(queue.totalBytes),
    };
    setText(this.summary, texts.get(begun ? 'summary' : 'summaryReady', values));
    setText(this.figures, begun ? this.figuresLine() : '');
    this.list.draw();
    this.speak(share);
  }

  private figuresLine(): string {
    const { queue, texts } = this;
    if (queue.offline && queue.busy) {
      return texts.get('offline');
    }
    if (queue.state === 'starting') {
      return texts.get('lookingAround');
    }
    const parts: string[] = [];
    if (queue.state === 'running') {
      const rate = this.speed.bytesPerSecond;
      if (rate !== undefined) {
        parts.push(`${bytes(rate)}/s`);
      }
      const seconds = this.speed.remainingSeconds(
        queue.totalBytes - queue.progressBytes,
        queue.files.length - queue.finishedFiles - queue.failedFiles,
      );
      if (seconds !== undefined) {
        parts.push(texts.get('remaining', { time: duration(roundRemaining(seconds), texts) }));
      }
    }
    if (queue.state === 'paused') {
      parts.push(texts.get('paused'));
    }
    if (queue.skippedFiles > 0) {
      parts.push(texts.get('skippedCount', { count: queue.skippedFiles }));
    }
    if (queue.failedFiles > 0) {
      parts.push(texts.get('failedCount', { count: queue.failedFiles }));
    }
    return parts.join(' · ');
  }

  /** Screen readers hear a sentence now and then, not four a second. */
  private speak(share: number): void {
    const now = performance.now();
    if (this.queue.state === 'running' && now - this.spokenAt > SpeakEveryMs) {
      this.spokenAt = now;
      setText(this.live, this.texts.get('spoken', { percent: Math.floor(share * 100), finished: this.queue.finishedFiles, count: this.queue.files.length }));
    }
  }

  private atRest(): void {
    const { queue, texts, destination } = this;
    if (queue.stopped) {
      const text = this.describe(queue.stopped);
      this.notice.replaceChildren(h('p', {}, icon('failed'), text));
      if (queue.stopped.code === 'signed-out') {
        this.notice.append(h('a', { href: this.dataset['login'] ?? '/login', target: '_blank', class: 'btn btn-outline-primary' }, texts.get('logIn')));
      }
      return;
    }
    if (queue.state !== 'finished' || !destination) {
      return;
    }
    if (queue.failedFiles === 0) {
      forgetUpload(destination.url);
      this.resumeBox.replaceChildren();
      const inWorkspace = this.dataset['workspace'] !== undefined;
      const message = texts.get('finished', { count: queue.finishedFiles, skipped: queue.skippedFiles, total: bytes(queue.totalBytes) });
      this.finish.replaceChildren(
        h('p', { class: 'upload-success' }, icon('check'), message),
        h('a', { href: destination.showUrl, class: 'btn btn-primary' }, texts.get(inWorkspace ? 'showFiles' : 'openSequence')),
        ...(inWorkspace ? [] : [h('p', { class: 'upload-hint' }, texts.get('closeHint'))]),
      );
      setText(this.live, message);
    } else {
      setText(this.live, texts.get('failedCount', { count: queue.failedFiles }));
    }
  }

  private describe(trouble: Trouble): string {
    const known = `trouble_${trouble.code}`;
    if (this.texts.has(known)) {
      return this.texts.get(known);
    }
    const { code, message, requestId } = trouble;
    const key = code === 'portal' || code === 'error' ? 'troublePlain' : requestId ? 'troubleS3' : 'troubleS3NoId';
    return this.texts.get(key, { code, message, requestId });
  }

  private showProblem(error: unknown): void {
    if (error instanceof PortalError) {
      this.notice.replaceChildren(...(error.message ? [h('p', {}, icon('failed'), error.message)] : []));
      for (const [field, messages] of Object.entries(error.errors)) {
        this.notice.append(h('p', {}, `${this.texts.has(`field_${field}`) ? this.texts.get(`field_${field}`) : field}: ${messages.join(' ')}`));
      }
    } else {
      setText(this.notice, this.texts.get('offlineBefore'));
    }
  }

  private remember(now: boolean): void {
    const { queue, destination } = this;
    const at = performance.now();
    if (!destination || (!now && at - this.rememberedAt < 3000)) {
      return;
    }
    this.rememberedAt = at;
    const top = queue.tree.root;
    rememberUpload({
      name: destination.name,
      url: destination.url,
      fileCount: queue.files.length,
      finishedCount: queue.finishedFiles,
      sizeBytes: queue.totalBytes,
      names: [...top.folders.keys(), ...top.files.map((file) => file.name)].slice(0, 3),
      at: new Date().toISOString(),
    });
  }

  /** Only while bytes are in flight: a page that always warns is a page whose warnings nobody reads. */
  private readonly warn = (event: BeforeUnloadEvent) => {
    if (this.queue.busy) {
      event.preventDefault();
    }
  };
}

type HandleItem = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };
type PermissionHandle = FileSystemDirectoryHandle & { requestPermission(options: { mode: 'read' }): Promise<PermissionState> };

function show(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) {
    element.hidden = !visible;
  }
}

/** Small trees are shown open; a folder of thousands stays one line until it is asked for. */
function openWhileShort(queue: UploadQueue): void {
  let open = [...queue.tree.root.folders.values()];
  let room = 200;
  while (open.length > 0) {
    const below = open.flatMap((folder) => [...folder.folders.values()]);
    room -= open.reduce((sum, folder) => sum + folder.files.length + folder.folders.size, 0);
    if (room < 0) {
      return;
    }
    for (const folder of open) {
      folder.open = true;
    }
    open = below;
  }
}
