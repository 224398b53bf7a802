using System.Buffers.Binary;
using System.IO.Hashing;
using Harima.Search.Index;

namespace Harima.CatalogueBench;

/// <summary>
/// Many copies of an index as one: every segment again and again, with rows of its own. For asking a size that would take too long
/// to build; each segment costs a search what any other of its size does.
/// </summary>
static class MultiplyIndex
{
    /// <param name="shift">Between the rows of one copy and the next: the count of the source, to fit a catalogue that has rows one after the other.</param>
    public static int Run(string source, string target, int copies, long shift)
    {
        Directory.CreateDirectory(target);
        var states = new List<SegmentState>();
        long number = 0;
        var read = Manifest.Read(source, verifyUpToBytes: 0) ?? throw new InvalidOperationException("no index there");
        for (var copy = 0; copy < copies; copy++)
        {
            foreach (var (segment, deleted, live) in read.Segments)
            {
                number++;
                var path = Path.Combine(target, Manifest.SegmentName(number));
                Copy(segment, path, copy * shift);
                states.Add(new SegmentState(Segment.Open(path, number), deleted, live));
            }
        }
        Manifest.Write(target, new IndexState(states, read.Position, number + 1), _ => { });
        return 0;
    }

    static void Copy(Segment segment, string path, long shift)
    {
        using var file = File.Create(path);
        var hash = new XxHash3();
        void Write(ReadOnlySpan<byte> bytes)
        {
            hash.Append(bytes);
            file.Write(bytes);
        }
        var end = segment.File.Length - SegmentFormat.FooterBytes;
        Write(segment.File.Slice(0, sizeof(ulong)));
        Span<byte> row = stackalloc byte[sizeof(long)];
        foreach (var one in segment.Rows)
        {
            BinaryPrimitives.WriteInt64LittleEndian(row, one + shift);
            Write(row);
        }
        for (var at = sizeof(ulong) + segment.Documents * (long)sizeof(long); at < end; at += 1 << 22)
            Write(segment.File.Slice(at, Math.Min(1 << 22, end - at)));
        var footer = segment.File.Slice(end, SegmentFormat.FooterBytes).ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(16), hash.GetCurrentHashAsUInt64());
        file.Write(footer);
    }
}
