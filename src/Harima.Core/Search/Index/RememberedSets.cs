using System.Runtime.CompilerServices;

namespace Harima.Search.Index;

/// <summary>What remembered queries found in each segment, those used last, up to a number of bytes.</summary>
sealed class RememberedSets(long maxBytes)
{
    readonly Lock _lock = new();
    readonly Dictionary<Key, LinkedListNode<(Key Key, DocumentSet Set)>> _byKey = [];

    // Used last stands first.
    readonly LinkedList<(Key Key, DocumentSet Set)> _byUse = new();
    long _bytes;

    /// <summary>Which object, not what it says: comparing ten thousand terms would cost what is to be saved.</summary>
    readonly struct Key(IndexQuery query, long segment) : IEquatable<Key>
    {
        readonly IndexQuery _query = query;
        readonly long _segment = segment;

        public bool Equals(Key other) => ReferenceEquals(_query, other._query) && _segment == other._segment;

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(_query), _segment);
    }

    /// <summary>Not to be changed.</summary>
    public DocumentSet? Find(IndexQuery query, Segment segment)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(new Key(query, segment.Number), out var node))
                return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Set;
        }
    }

    public void Keep(IndexQuery query, Segment segment, DocumentSet set)
    {
        lock (_lock)
        {
            var key = new Key(query, segment.Number);
            if (_byKey.ContainsKey(key))
                return;
            _byKey.Add(key, _byUse.AddFirst((key, set)));
            _bytes += DocumentSet.BytesFor(set.Size);
            while (_bytes > maxBytes && _byUse.Last is { } oldest)
            {
                _byUse.RemoveLast();
                _byKey.Remove(oldest.Value.Key);
                _bytes -= DocumentSet.BytesFor(oldest.Value.Set.Size);
            }
        }
    }
}
