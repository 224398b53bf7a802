using System.Runtime.CompilerServices;

namespace Harima.Search.Index;

/// <summary>What queries found in each segment, those used last, up to a number of bytes.</summary>
sealed class RememberedSets(long maxBytes)
{
    readonly LastUsed<Key, DocumentSet> _sets = new(maxBytes, set => DocumentSet.BytesFor(set.Size));

    /// <summary>Which object, not what it says: comparing ten thousand terms would cost what is to be saved. A text is compared.</summary>
    readonly struct Key(object query, long segment) : IEquatable<Key>
    {
        readonly object _query = query;
        readonly long _segment = segment;

        public bool Equals(Key other) =>
            _segment == other._segment
            && (
                ReferenceEquals(_query, other._query)
                || (_query is string text && text.Equals(other._query as string, StringComparison.Ordinal))
            );

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() =>
            HashCode.Combine(
                _query is string text ? text.GetHashCode(StringComparison.Ordinal) : RuntimeHelpers.GetHashCode(_query),
                _segment
            );
    }

    /// <param name="query">An object that is kept and used again, or a text that says what was asked.</param>
    /// <returns>Not to be changed.</returns>
    public DocumentSet? Find(object query, Segment segment) => _sets.Find(new Key(query, segment.Number));

    public void Keep(object query, Segment segment, DocumentSet set) => _sets.Keep(new Key(query, segment.Number), set);
}

/// <summary>Values by key, those used last, up to a number of bytes.</summary>
sealed class LastUsed<TKey, TValue>(long maxBytes, Func<TValue, long> bytesOf)
    where TKey : notnull
    where TValue : class
{
    readonly Lock _lock = new();
    readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _byKey = [];

    // Used last stands first.
    readonly LinkedList<(TKey Key, TValue Value)> _byUse = new();
    long _bytes;

    public TValue? Find(TKey key)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(key, out var node))
                return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Value;
        }
    }

    public void Keep(TKey key, TValue value)
    {
        lock (_lock)
        {
            if (_byKey.ContainsKey(key))
                return;
            _byKey.Add(key, _byUse.AddFirst((key, value)));
            _bytes += bytesOf(value);
            while (_bytes > maxBytes && _byUse.Last is { } oldest)
            {
                _byUse.RemoveLast();
                _byKey.Remove(oldest.Value.Key);
                _bytes -= bytesOf(oldest.Value.Value);
            }
        }
    }
}
