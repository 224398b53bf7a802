using System.Runtime.CompilerServices;

namespace Harima.Search.Index;

/// <summary>
/// How many documents have each term of a field among those that a remembered query found in a segment, before anything was deleted: what
/// somebody may see differs from it by little, and is counted from there.
/// </summary>
sealed class RememberedCounts(long maxBytes)
{
    readonly LastUsed<Key, int[]> _counts = new(maxBytes, counts => counts.Length * sizeof(int));

    readonly struct Key(IndexQuery query, long segment, string field) : IEquatable<Key>
    {
        readonly IndexQuery _query = query;
        readonly long _segment = segment;
        readonly string _field = field;

        public bool Equals(Key other) =>
            ReferenceEquals(_query, other._query)
            && _segment == other._segment
            && _field.Equals(other._field, StringComparison.Ordinal);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() =>
            HashCode.Combine(
                RuntimeHelpers.GetHashCode(_query),
                _segment,
                _field.GetHashCode(StringComparison.Ordinal)
            );
    }

    /// <returns>By ordinal; not to be changed.</returns>
    public int[]? Find(IndexQuery query, SegmentField field) =>
        _counts.Find(new Key(query, field.Segment.Number, field.Name));

    public void Keep(IndexQuery query, SegmentField field, int[] counts) =>
        _counts.Keep(new Key(query, field.Segment.Number, field.Name), counts);
}
