// The tree the file list shows, with running sums per folder, so that a folder of 10,000 files costs one row and no recount.

export type FileState = 'waiting' | 'checking' | 'sending' | 'done' | 'skipped' | 'failed';

export class Folder {
  readonly folders = new Map<string, Folder>();
  readonly files: TreeFile[] = [];
  fileCount = 0;
  sizeBytes = 0;
  finishedCount = 0;
  finishedBytes = 0;
  failedCount = 0;
  open = false;

  constructor(
    readonly name: string,
    readonly path: string,
    readonly depth: number,
    readonly parent: Folder | undefined,
  ) {}

  /** Itself and every folder above it. */
  *chain(): Generator<Folder> {
    for (let folder: Folder | undefined = this; folder; folder = folder.parent) {
      yield folder;
    }
  }
}

export interface TreeFile {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly folder: Folder;
  state: FileState;
}

export type Row = { readonly kind: 'folder'; readonly folder: Folder } | { readonly kind: 'file'; readonly file: TreeFile };

export class FolderTree {
  readonly root = new Folder('', '', -1, undefined);

  folderOf(path: string): Folder {
    let folder = this.root;
    const segments = path.split('/');
    for (const name of segments.slice(0, -1)) {
      let child = folder.folders.get(name);
      if (!child) {
        child = new Folder(name, folder.path + name + '/', folder.depth + 1, folder);
        folder.folders.set(name, child);
      }
      folder = child;
    }
    return folder;
  }

  add(file: TreeFile): void {
    file.folder.files.push(file);
    for (const folder of file.folder.chain()) {
      folder.fileCount++;
      folder.sizeBytes += file.sizeBytes;
      count(folder, file, 1);
    }
  }

  change(file: TreeFile, state: FileState): void {
    for (const folder of file.folder.chain()) {
      count(folder, file, -1);
    }
    file.state = state;
    for (const folder of file.folder.chain()) {
      count(folder, file, 1);
    }
  }

  /** What the list shows from top to bottom: folders first, closed ones without their content. */
  rows(accept?: (file: TreeFile) => boolean): Row[] {
    const rows: Row[] = [];
    const visit = (folder: Folder) => {
      for (const child of folder.folders.values()) {
        rows.push({ kind: 'folder', folder: child });
        if (child.open) {
          visit(child);
        }
      }
      for (const file of folder.files) {
        rows.push({ kind: 'file', file });
      }
    };
    if (accept) {
      this.collect(this.root, accept, rows);
    } else {
      visit(this.root);
    }
    return rows;
  }

  private collect(folder: Folder, accept: (file: TreeFile) => boolean, rows: Row[]): void {
    for (const file of folder.files) {
      if (accept(file)) {
        rows.push({ kind: 'file', file });
      }
    }
    for (const child of folder.folders.values()) {
      this.collect(child, accept, rows);
    }
  }
}

export function isFinished(state: FileState): boolean {
  return state === 'done' || state === 'skipped';
}

function count(folder: Folder, file: TreeFile, sign: 1 | -1): void {
  if (isFinished(file.state)) {
    folder.finishedCount += sign;
    folder.finishedBytes += sign * file.sizeBytes;
  } else if (file.state === 'failed') {
    folder.failedCount += sign;
  }
}
