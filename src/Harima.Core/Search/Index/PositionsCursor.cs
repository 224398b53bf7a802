using System.Buffers.Binary;

namespace Harima.Search.Index;

/// <summary>Where a <see cref="PositionsCursor"/> stands.</summary>
struct PositionsPlace()
{
    /// <summary>Of the document read last.</summary>
    public int Rank { get; set; } = -1;

    /// <summary>Behind its positions.</summary>
    public int Next { get; set; }
}

/// <summary>Reads what <see cref="PositionsWriter"/> wrote, forwards.</summary>
ref struct PositionsCursor
{
    readonly ReadOnlySpan<byte> _bytes;
    readonly int _steps;
    int _rank;
    int _next;

    public PositionsCursor(Segment segment, in TermEntry entry, PositionsPlace place)
    {
        _bytes =
            entry.PositionsLength == 0
                ? default
                : segment.File.Slice(entry.Offset + entry.PostingsLength, entry.PositionsLength);
        _steps = (entry.Documents - 1) / SegmentFormat.PositionsStep * sizeof(int);
        _rank = place.Rank;
        _next = place.Rank < 0 ? _steps : place.Next;
    }

    public readonly PositionsPlace Place => new() { Rank = _rank, Next = _next };

    /// <summary>The encoded positions in the document of that rank; empty when it has none.</summary>
    /// <param name="rank">Of the document among those of the term; larger than the last time.</param>
    public ReadOnlySpan<byte> At(int rank)
    {
        if (_bytes.IsEmpty)
            return default;
        var step = rank / SegmentFormat.PositionsStep;
        if (step > 0 && step * SegmentFormat.PositionsStep > _rank + 1)
        {
            _next =
                _steps + BinaryPrimitives.ReadInt32LittleEndian(_bytes.Slice((step - 1) * sizeof(int), sizeof(int)));
            _rank = step * SegmentFormat.PositionsStep - 1;
        }
        // In a register: this loop is most of what a phrase costs.
        var next = _next;
        for (var left = rank - _rank - 1; left > 0; left--)
        {
            var passed = Varint.ReadInt(_bytes, ref next);
            next += passed;
        }
        var length = Varint.ReadInt(_bytes, ref next);
        var found = _bytes.Slice(next, length);
        _next = next + length;
        _rank = rank;
        return found;
    }
}
