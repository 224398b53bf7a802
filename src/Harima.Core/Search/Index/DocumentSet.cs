using System.Buffers;
using System.Numerics;

namespace Harima.Search.Index;

/// <summary>
/// Documents of one segment, a bit each. A segment has at most some millions, so a set is some hundred kilobytes and any operation on it
/// some microseconds: never worth another form.
/// </summary>
sealed class DocumentSet : IDisposable
{
    /// <summary>Documents per container of <see cref="Postings"/>, and words of theirs here.</summary>
    public const int ContainerSize = 65_536;
    public const int ContainerWords = ContainerSize / 64;

    ulong[] _words;
    readonly bool _pooled;

    DocumentSet(ulong[] words, int size, bool pooled)
    {
        _words = words;
        Size = size;
        _pooled = pooled;
    }

    /// <summary>Documents 0 up to Size could be in it. Invariant: bits from there on are zero.</summary>
    public int Size { get; }

    public Span<ulong> Words => _words.AsSpan(0, WordsFor(Size));

    /// <summary>Rounded up to whole containers.</summary>
    static int WordsFor(int size) => (size + ContainerSize - 1) / ContainerSize * ContainerWords;

    public static int BytesFor(int size) => WordsFor(size) * sizeof(ulong);

    /// <summary>Empty, for a short while: dispose it.</summary>
    public static DocumentSet Rent(int size)
    {
        var set = new DocumentSet(ArrayPool<ulong>.Shared.Rent(Math.Max(1, WordsFor(size))), size, pooled: true);
        set.Words.Clear();
        return set;
    }

    /// <summary>Empty, to be kept.</summary>
    public static DocumentSet Create(int size) => new(new ulong[WordsFor(size)], size, pooled: false);

    public DocumentSet Copy()
    {
        var copy = Create(Size);
        Words.CopyTo(copy.Words);
        return copy;
    }

    public void Dispose()
    {
        if (!_pooled || _words.Length == 0)
            return;
        ArrayPool<ulong>.Shared.Return(_words);
        _words = [];
    }

    public bool Contains(int document) => (_words[document >> 6] >> document & 1) != 0;

    public void Add(int document) => _words[document >> 6] |= 1UL << document;

    public void Remove(int document) => _words[document >> 6] &= ~(1UL << document);

    public void Clear() => Words.Clear();

    public void AddAll()
    {
        var full = Size >> 6;
        var words = Words;
        words[..full].Fill(ulong.MaxValue);
        if ((Size & 63) != 0)
            words[full] = (1UL << Size) - 1;
    }

    public void CopyFrom(DocumentSet other) => other.Words.CopyTo(Words);

    // The three loops below become vector instructions: 20 µs for two million documents.
    public void And(DocumentSet other)
    {
        Span<ulong> words = Words,
            others = other.Words;
        for (var word = 0; word < words.Length; word++)
            words[word] &= others[word];
    }

    public void Or(DocumentSet other)
    {
        Span<ulong> words = Words,
            others = other.Words;
        for (var word = 0; word < words.Length; word++)
            words[word] |= others[word];
    }

    public void AndNot(DocumentSet other)
    {
        Span<ulong> words = Words,
            others = other.Words;
        for (var word = 0; word < words.Length; word++)
            words[word] &= ~others[word];
    }

    public void Invert()
    {
        var words = Words;
        for (var word = 0; word < words.Length; word++)
            words[word] = ~words[word];
        var full = Size >> 6;
        words[Math.Min(full + 1, words.Length)..].Clear();
        if (full < words.Length)
            words[full] &= (1UL << Size) - 1;
    }

    public int Count() => PopCount(Words);

    public bool IsEmpty() => Words.IndexOfAnyExcept(0UL) < 0;

    public static int PopCount(ReadOnlySpan<ulong> words)
    {
        int a = 0,
            b = 0,
            c = 0,
            d = 0,
            word = 0;
        for (; word + 4 <= words.Length; word += 4)
        {
            a += BitOperations.PopCount(words[word]);
            b += BitOperations.PopCount(words[word + 1]);
            c += BitOperations.PopCount(words[word + 2]);
            d += BitOperations.PopCount(words[word + 3]);
        }
        for (; word < words.Length; word++)
            a += BitOperations.PopCount(words[word]);
        return a + b + c + d;
    }

    public static int CountOfBoth(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        int a = 0,
            b = 0,
            c = 0,
            d = 0,
            word = 0;
        right = right[..left.Length];
        for (; word + 4 <= left.Length; word += 4)
        {
            a += BitOperations.PopCount(left[word] & right[word]);
            b += BitOperations.PopCount(left[word + 1] & right[word + 1]);
            c += BitOperations.PopCount(left[word + 2] & right[word + 2]);
            d += BitOperations.PopCount(left[word + 3] & right[word + 3]);
        }
        for (; word < left.Length; word++)
            a += BitOperations.PopCount(left[word] & right[word]);
        return a + b + c + d;
    }

    public int CountWith(DocumentSet other) => CountOfBoth(Words, other.Words);

    public Enumerator GetEnumerator() => new(Words, 0);

    /// <summary>Ascending, from this document on.</summary>
    public Enumerator From(int document) => new(Words, document);

    /// <summary>Descending, from this document on downwards.</summary>
    public int Previous(int document)
    {
        if (document < 0)
            return -1;
        var word = document >> 6;
        var bits = _words[word] & (ulong.MaxValue >> (63 - (document & 63)));
        while (bits == 0)
        {
            if (--word < 0)
                return -1;
            bits = _words[word];
        }
        return (word << 6) + 63 - BitOperations.LeadingZeroCount(bits);
    }

    public ref struct Enumerator
    {
        readonly ReadOnlySpan<ulong> _words;
        ulong _bits;
        int _word;

        internal Enumerator(ReadOnlySpan<ulong> words, int from)
        {
            _words = words;
            _word = from >> 6;
            _bits = _word < words.Length ? words[_word] & (ulong.MaxValue << (from & 63)) : 0;
            Current = -1;
        }

        public int Current { get; private set; }

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_bits == 0)
            {
                if (++_word >= _words.Length)
                    return false;
                _bits = _words[_word];
            }
            Current = (_word << 6) + BitOperations.TrailingZeroCount(_bits);
            _bits &= _bits - 1;
            return true;
        }
    }
}
