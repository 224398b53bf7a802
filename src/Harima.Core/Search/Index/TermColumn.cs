using System.Runtime.InteropServices;

namespace Harima.Search.Index;

/// <summary>The terms of a document, as ordinals, ascending. Check <see cref="Exists"/> first.</summary>
readonly ref struct TermColumn
{
    readonly ColumnKind _kind;
    readonly ReadOnlySpan<byte> _dense;
    readonly ReadOnlySpan<int> _starts;
    readonly ReadOnlySpan<int> _ordinals;

    public TermColumn(SegmentField field)
    {
        var (entry, file, documents) = (field.Entry, field.Segment.File, field.Segment.Documents);
        _kind = entry.Column;
        switch (_kind)
        {
            case ColumnKind.Dense1 or ColumnKind.Dense2 or ColumnKind.Dense4:
                var width =
                    _kind == ColumnKind.Dense1 ? 1
                    : _kind == ColumnKind.Dense2 ? 2
                    : 4;
                _dense = file.Slice(entry.ColumnOffset, (long)documents * width);
                break;
            case ColumnKind.Lists:
                _starts = file.Slice<int>(entry.ColumnOffset, documents + 1);
                _ordinals = file.Slice<int>(entry.ColumnOffset + (documents + 1L) * sizeof(int), entry.ColumnLength);
                break;
            case ColumnKind.Pairs:
                _starts = file.Slice<int>(entry.ColumnOffset, entry.ColumnLength);
                _ordinals = file.Slice<int>(SecondOfPairs(entry.ColumnOffset, entry.ColumnLength), entry.ColumnLength);
                break;
            default:
                break;
        }
    }

    public static long SecondOfPairs(long offset, int length) => offset + ((long)length * sizeof(int) + 7) / 8 * 8;

    public bool Exists => _kind != ColumnKind.None;

    /// <summary>How many documents of the set have each term.</summary>
    public void Count(DocumentSet set, Span<int> counts)
    {
        switch (_kind)
        {
            case ColumnKind.Dense1:
                foreach (var document in set)
                    Count(_dense[document], counts);
                break;
            case ColumnKind.Dense2:
                var shorts = MemoryMarshal.Cast<byte, ushort>(_dense);
                foreach (var document in set)
                    Count(shorts[document], counts);
                break;
            case ColumnKind.Dense4:
                var ints = MemoryMarshal.Cast<byte, int>(_dense);
                foreach (var document in set)
                    Count(ints[document], counts);
                break;
            case ColumnKind.Lists:
                foreach (var document in set)
                foreach (var ordinal in _ordinals[_starts[document].._starts[document + 1]])
                    counts[ordinal]++;
                break;
            default:
                for (var at = 0; at < _starts.Length; at++)
                {
                    if (set.Contains(_starts[at]))
                        counts[_ordinals[at]]++;
                }
                break;
        }
    }

    static void Count(int ordinalAndOne, Span<int> counts)
    {
        if (ordinalAndOne > 0)
            counts[ordinalAndOne - 1]++;
    }

    /// <summary>The first and the last term of a document; -1 when it has none.</summary>
    public (int First, int Last) Ends(int document)
    {
        int one;
        switch (_kind)
        {
            case ColumnKind.Dense1:
                one = _dense[document] - 1;
                return (one, one);
            case ColumnKind.Dense2:
                one = MemoryMarshal.Cast<byte, ushort>(_dense)[document] - 1;
                return (one, one);
            case ColumnKind.Dense4:
                one = MemoryMarshal.Cast<byte, int>(_dense)[document] - 1;
                return (one, one);
            case ColumnKind.Lists:
                var of = _ordinals[_starts[document].._starts[document + 1]];
                return of.IsEmpty ? (-1, -1) : (of[0], of[^1]);
            default:
                var (from, to) = Runs.Of(_starts, document);
                return from == to ? (-1, -1) : (_ordinals[from], _ordinals[to - 1]);
        }
    }
}

/// <summary>The numbers of a document, ascending.</summary>
readonly ref struct NumberColumn
{
    readonly bool _dense;
    readonly ReadOnlySpan<double> _numbers;
    readonly ReadOnlySpan<int> _documents;

    public NumberColumn(SegmentField field)
    {
        var (entry, file) = (field.Entry, field.Segment.File);
        _dense = entry.NumberColumn == ColumnKind.DenseNumbers;
        if (_dense)
        {
            _numbers = file.Slice<double>(entry.NumberColumnOffset, field.Segment.Documents);
            return;
        }
        _documents = file.Slice<int>(entry.NumberColumnOffset, entry.Numbers);
        _numbers = file.Slice<double>(TermColumn.SecondOfPairs(entry.NumberColumnOffset, entry.Numbers), entry.Numbers);
    }

    public ReadOnlySpan<double> Of(int document)
    {
        if (_dense)
            return double.IsNaN(_numbers[document]) ? default : _numbers.Slice(document, 1);
        var (from, to) = Runs.Of(_documents, document);
        return _numbers[from..to];
    }
}

static class Runs
{
    /// <summary>Where a value stands among ascending ones: from, and the end.</summary>
    public static (int From, int To) Of(ReadOnlySpan<int> ascending, int value)
    {
        var from = From(ascending, value);
        var to = from;
        while (to < ascending.Length && ascending[to] == value)
            to++;
        return (from, to);
    }

    /// <summary>The first that is not smaller.</summary>
    public static int From(ReadOnlySpan<int> ascending, int value)
    {
        int low = 0,
            high = ascending.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (ascending[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The first that is not smaller, or with <paramref name="after"/> the first that is larger.</summary>
    public static int From(ReadOnlySpan<double> ascending, double value, bool after)
    {
        int low = 0,
            high = ascending.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (ascending[middle] < value || (after && ascending[middle] == value))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
