import './theme/theme.scss';
import { CopyButton } from './page/copy-button';
import { LiveSection } from './page/live-section';
import { PersonInput } from './page/person-input';
import { askBeforeSending, closeMenus, fillFromSelection, listenForShortcuts, openDrawers, showCurrentTab, submitOnChange } from './page/shortcuts';
import { followSystemTheme, ThemeToggle } from './page/theme-toggle';

followSystemTheme();
customElements.define('theme-toggle', ThemeToggle);
customElements.define('copy-button', CopyButton);
customElements.define('person-input', PersonInput);
customElements.define('live-section', LiveSection);
listenForShortcuts();
submitOnChange();
askBeforeSending();
closeMenus();
openDrawers();
showCurrentTab();
fillFromSelection();

// The larger islands are fetched only by the pages that hold one.
const islands: Record<string, () => Promise<CustomElementConstructor>> = {
  'upload-island': async () => (await import('./upload/upload-island')).UploadIsland,
  'unfinished-uploads': async () => (await import('./upload/unfinished-uploads')).UnfinishedUploads,
  'metadata-check': async () => (await import('./metadata/metadata-check')).MetadataCheck,
  'query-box': async () => (await import('./find/query-box')).QueryBox,
  'query-builder': async () => (await import('./find/query-builder')).QueryBuilder,
  'path-input': async () => (await import('./find/path-input')).PathInput,
  'column-order': async () => (await import('./find/column-order')).ColumnOrder,
  'bulk-value': async () => (await import('./metadata/bulk-value')).BulkValue,
  'metadata-hints': async () => (await import('./metadata/metadata-hints')).MetadataHints,
  'mention-input': async () => (await import('./metadata/mention-input')).MentionInput,
  'column-editor': async () => (await import('./find/column-editor')).ColumnEditor,
  'histogram-brush': async () => (await import('./find/histogram-brush')).HistogramBrush,
  'periodic-table': async () => (await import('./find/periodic-table')).PeriodicTable,
  'find-plot': async () => (await import('./find/find-plot')).FindPlot,
  'sequence-preview': async () => (await import('./find/sequence-preview')).SequencePreview,
  'frame-picture': async () => (await import('./sequences/frame-picture')).FramePicture,
  'sample-picker': async () => (await import('./samples/sample-picker')).SamplePicker,
  'sequence-selection': async () => (await import('./selection/sequence-selection')).SequenceSelection,
};

for (const [tag, load] of Object.entries(islands)) {
  if (document.querySelector(tag)) {
    void load().then((constructor) => customElements.define(tag, constructor));
  }
}
