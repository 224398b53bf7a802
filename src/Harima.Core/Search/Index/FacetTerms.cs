using System.Collections.Concurrent;

namespace Harima.Search.Index;

/// <summary>
/// One number for a term in all segments, so that counts of many segments are added without looking at a term. Kept for fields
/// that have facets and at most <see cref="MaxTerms"/> terms in a segment.
/// </summary>
sealed class FacetTerms
{
    public const int MaxTerms = 200_000;

    readonly ConcurrentDictionary<string, OfField> _fields = new(StringComparer.Ordinal);

    public OfField Of(string field) => _fields.GetOrAdd(field, static _ => new OfField());

    public sealed class OfField
    {
        readonly Lock _lock = new();
        readonly Dictionary<byte[], int> _numbers = new(Bytes.Instance);
        readonly List<byte[]> _terms = [];
        readonly Dictionary<long, int[]> _maps = [];

        /// <summary>From the ordinal in the segment to the number here; forgets segments that are no longer there.</summary>
        public int[][] Maps(IReadOnlyList<SegmentField?> fields)
        {
            lock (_lock)
            {
                var maps = new int[fields.Count][];
                for (var index = 0; index < maps.Length; index++)
                    maps[index] = fields[index] is { } field ? Map(field) : [];
                if (_maps.Count > 2 * fields.Count + 16)
                {
                    var there = fields.Select(field => field?.Segment.Number ?? -1).ToHashSet();
                    foreach (var number in _maps.Keys.Where(number => !there.Contains(number)).ToList())
                        _maps.Remove(number);
                }
                return maps;
            }
        }

        int[] Map(SegmentField field)
        {
            if (_maps.TryGetValue(field.Segment.Number, out var map))
                return map;
            map = new int[field.Entry.Terms];
            var lookup = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
            for (var cursor = field.Terms(); cursor.MoveNext(); )
            {
                if (!lookup.TryGetValue(cursor.Term, out var number))
                {
                    number = _terms.Count;
                    _terms.Add(cursor.Term.ToArray());
                    _numbers.Add(_terms[number], number);
                }
                map[cursor.Entry.Ordinal] = number;
            }
            _maps.Add(field.Segment.Number, map);
            return map;
        }

        public int Count
        {
            get
            {
                lock (_lock)
                    return _terms.Count;
            }
        }

        public byte[] Term(int number)
        {
            lock (_lock)
                return _terms[number];
        }
    }

    sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Bytes Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
