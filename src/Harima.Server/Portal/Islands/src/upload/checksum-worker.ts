// Reads and hashes off the page's thread, so that checking 100 GB does not make the page stutter.
import { emptyCrc64, updateCrc64 } from '../s3/crc64nvme';

const ChunkBytes = 4 * 1024 * 1024;

interface Job {
  readonly id: number;
  readonly blob: Blob;
}

addEventListener('message', async (event: MessageEvent<Job>) => {
  const { id, blob } = event.data;
  try {
    let crc = emptyCrc64;
    for (let at = 0; at < blob.size; at += ChunkBytes) {
      const chunk = await blob.slice(at, at + ChunkBytes).arrayBuffer();
      crc = updateCrc64(crc, new Uint8Array(chunk));
    }
    postMessage({ id, crc });
  } catch (error) {
    const { name, message } = error as Error;
    postMessage({ id, error: { name, message } });
  }
});
