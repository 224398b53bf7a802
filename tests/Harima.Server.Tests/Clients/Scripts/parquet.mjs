// Reads columns of a Parquet file by URL, taking only the byte ranges it needs; makes such a file, too.
//   parquet.mjs make PATH ROWS          a column of numbers, and one of text that nobody will ask for
//   parquet.mjs sum URL FROM TO         the sum of the numbers of some rows, and how many bytes that took
import { writeFileSync } from "node:fs";
import { asyncBufferFromUrl, parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";

const [verb, ...words] = process.argv.slice(2);
if (verb === "make") {
  const rows = Array.from({ length: Number(words[1]) }, (_, row) => row);
  const columnData = [
    { name: "counts", data: rows.map((row) => row * 3), type: "INT32" },
    { name: "remark", data: rows.map((row) => `frame ${row} ${(row * 2654435761) % 4294967296}`), type: "STRING" },
  ];
  writeFileSync(words[0], Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 1000 })));
} else {
  let bytes = 0;
  const counting = async (...request) => {
    const answer = await fetch(...request);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    bytes += (await answer.clone().arrayBuffer()).byteLength;
    return answer;
  };
  const file = await asyncBufferFromUrl({ url: words[0], fetch: counting });
  const [rowStart, rowEnd] = [Number(words[1]), Number(words[2])];
  const rows = await parquetReadObjects({ file, columns: ["counts"], rowStart, rowEnd });
  console.log(JSON.stringify({ size: file.byteLength, bytes, rows: rows.length, sum: rows.reduce((sum, row) => sum + row.counts, 0) }));
}
