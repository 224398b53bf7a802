using System.Buffers.Binary;
using System.IO.Hashing;
using Harima.Storage;

namespace Harima.Search.Index;

/// <summary>
/// The one file that says which segments there are, which of their documents are deleted, and how far the feed has come. It is replaced
/// as a whole, so a crash leaves this state or the one before.
/// </summary>
/// <remarks>
/// <code>
///   magic u64 | position i64 | next number i64 | segments i32 |
///   for each: number i64, documents i32, checksum u64, deleted i32, length i32, the deleted as postings |
///   checksum of all before u64
/// </code>
/// </remarks>
static class Manifest
{
    public const string Name = "manifest";
    const ulong Magic = 0x3146_4E4D_5241_4821; // "!HARMNF1"

    public static string SegmentName(long number) => $"{number:d8}.segment";

    public static void Write(string folder, IndexState state, Action<string> step)
    {
        var bytes = new GrowingBytes();
        bytes.AddLong(unchecked((long)Magic));
        bytes.AddLong(state.Position);
        bytes.AddLong(state.NextNumber);
        bytes.AddInt(state.Segments.Count);
        foreach (var (segment, deleted, live) in state.Segments)
        {
            bytes.AddLong(segment.Number);
            bytes.AddInt(segment.Documents);
            bytes.AddLong(unchecked((long)segment.Checksum));
            bytes.AddInt(segment.Documents - live);
            bytes.AddInt(0);
            var from = bytes.Length;
            if (deleted is not null)
                WriteDeleted(deleted, segment.Documents - live, bytes);
            bytes.SetInt(from - sizeof(int), bytes.Length - from);
        }
        bytes.AddLong(unchecked((long)XxHash3.HashToUInt64(bytes.Written)));
        var path = Path.Combine(folder, Name);
        step("write the manifest beside");
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write))
        {
            file.Write(bytes.Written);
            file.Flush(flushToDisk: true);
        }
        step("rename the manifest");
        File.Move(path + ".new", path, overwrite: true);
        step("sync the folder");
        Posix.SyncFolder(folder);
    }

    static void WriteDeleted(DocumentSet deleted, int count, GrowingBytes target)
    {
        var documents = new int[count];
        var at = 0;
        foreach (var document in deleted)
            documents[at++] = document;
        Postings.Write(documents, target);
    }

    /// <returns>Null when there is none.</returns>
    /// <exception cref="IndexDamagedException">It, or a segment it names, is not what was written.</exception>
    public static IndexState? Read(string folder, long verifyUpToBytes)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return null;
        var opened = new List<SegmentState>();
        try
        {
            return Parse(File.ReadAllBytes(path), folder, verifyUpToBytes, opened);
        }
        catch (Exception fault)
            when (fault is IndexOutOfRangeException or ArgumentException or OverflowException or IOException)
        {
            foreach (var state in opened)
                state.Segment.Release();
            throw fault as IndexDamagedException ?? new IndexDamagedException($"{path}: {fault.Message}");
        }
    }

    static IndexState Parse(ReadOnlySpan<byte> bytes, string folder, long verifyUpToBytes, List<SegmentState> opened)
    {
        var checksum = BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]);
        bytes = bytes[..^sizeof(ulong)];
        if (XxHash3.HashToUInt64(bytes) != checksum || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            throw new IndexDamagedException("the manifest does not hold what was written, or by another version");
        var position = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        var next = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        bytes = bytes[28..];
        for (; count > 0; count--)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
            opened.Add(OpenSegment(bytes[..28], bytes.Slice(28, length), folder, verifyUpToBytes));
            bytes = bytes[(28 + length)..];
        }
        return new IndexState(opened, position, next);
    }

    static SegmentState OpenSegment(
        ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> postings,
        string folder,
        long verifyUpToBytes
    )
    {
        var number = BinaryPrimitives.ReadInt64LittleEndian(header);
        var segment = Segment.Open(Path.Combine(folder, SegmentName(number)), number);
        var deletedCount = BinaryPrimitives.ReadInt32LittleEndian(header[20..]);
        if (
            segment.Documents != BinaryPrimitives.ReadInt32LittleEndian(header[8..])
            || segment.Checksum != BinaryPrimitives.ReadUInt64LittleEndian(header[12..])
            || (segment.File.Length <= verifyUpToBytes && !segment.IsWhole())
        )
        {
            segment.Release();
            throw new IndexDamagedException($"{SegmentName(number)} does not hold what was written");
        }
        DocumentSet? deleted = null;
        if (deletedCount > 0)
        {
            deleted = DocumentSet.Create(segment.Documents);
            new Postings(postings, deletedCount).AddTo(deleted);
        }
        return new SegmentState(segment, deleted, segment.Documents - deletedCount);
    }
}
