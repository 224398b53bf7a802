using System.Buffers.Binary;

namespace Harima.Search.Index;

/// <summary>Reads what <see cref="PositionsWriter"/> wrote, forwards.</summary>
struct PositionsCursor(Segment segment, in TermEntry entry)
{
    readonly long _offset = entry.Offset + entry.PostingsLength;
    readonly int _length = entry.PositionsLength;
    readonly int _steps = (entry.Documents - 1) / SegmentFormat.PositionsStep;
    int _rank = -1;
    int _next = (entry.Documents - 1) / SegmentFormat.PositionsStep * sizeof(int);

    /// <summary>The encoded positions in the document of that rank; empty when it has none.</summary>
    /// <param name="rank">Of the document among those of the term; not smaller than the last time, which may be asked again.</param>
    public ReadOnlySpan<byte> At(int rank)
    {
        if (_length == 0)
            return default;
        var bytes = segment.File.Slice(_offset, _length);
        var step = rank / SegmentFormat.PositionsStep;
        if (step > 0 && step * SegmentFormat.PositionsStep > _rank)
        {
            _next =
                _steps * sizeof(int)
                + BinaryPrimitives.ReadInt32LittleEndian(bytes.Slice((step - 1) * sizeof(int), sizeof(int)));
            _rank = step * SegmentFormat.PositionsStep - 1;
        }
        ReadOnlySpan<byte> found = default;
        while (_rank < rank)
        {
            var length = Varint.ReadInt(bytes, ref _next);
            found = bytes.Slice(_next, length);
            _next += length;
            _rank++;
        }
        return found;
    }
}
