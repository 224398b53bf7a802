using System.Numerics;
using System.Runtime.InteropServices;

namespace Harima.Search.Index;

/// <summary>
/// The documents of one term, ascending. Up to <see cref="MaxDeltas"/> of them as varint differences; more as containers of 65,536
/// documents, each a list of 16-bit places or, from 4,096 on, a bitmap (as in Roaring bitmaps; Lemire et al., arXiv:1603.06549).
/// </summary>
/// <remarks>
/// <code>
///   few:  delta  delta …
///   many: count u16 | (key u16, cardinality - 1 u16) × count | for each: places u16 × cardinality, or bitmap 8,192 bytes
/// </code>
/// Measured as a whole by bench/catalogue; figures in docs/reference/performance.md.
/// </remarks>
readonly ref struct Postings
{
    public const int MaxDeltas = 256;
    const int MaxPlaces = 4096;
    const int BitmapBytes = DocumentSet.ContainerSize / 8;

    readonly ReadOnlySpan<byte> _bytes;
    readonly int _single;

    public Postings(ReadOnlySpan<byte> bytes, int count)
    {
        _bytes = bytes;
        Count = count;
        _single = -1;
    }

    public Postings(int single)
    {
        _single = single;
        Count = 1;
    }

    public int Count { get; }

    public static bool IsBitmap(int cardinality) => cardinality > MaxPlaces;

    public static int BytesOfContainer(int cardinality) =>
        IsBitmap(cardinality) ? BitmapBytes : cardinality * sizeof(ushort);

    public static void Write(ReadOnlySpan<int> documents, GrowingBytes target)
    {
        if (documents.Length <= MaxDeltas)
        {
            var before = -1;
            foreach (var document in documents)
            {
                target.AddVarint((ulong)(document - before - 1));
                before = document;
            }
            return;
        }
        var containers = 0;
        var header = target.Length;
        target.AddShort(0);
        for (var at = 0; at < documents.Length; containers++)
        {
            var length = InContainer(documents, at);
            target.AddShort((ushort)(documents[at] >> 16));
            target.AddShort((ushort)(length - 1));
            at += length;
        }
        target.SetShort(header, (ushort)containers);
        for (var at = 0; at < documents.Length; )
        {
            var length = InContainer(documents, at);
            WriteContainer(documents.Slice(at, length), target);
            at += length;
        }
    }

    static int InContainer(ReadOnlySpan<int> documents, int from)
    {
        var end = (documents[from] | 0xFFFF) + 1L;
        int low = from,
            high = documents.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (documents[middle] < end)
                low = middle + 1;
            else
                high = middle;
        }
        return low - from;
    }

    static void WriteContainer(ReadOnlySpan<int> documents, GrowingBytes target)
    {
        if (documents.Length <= MaxPlaces)
        {
            var places = MemoryMarshal.Cast<byte, ushort>(target.Add(documents.Length * sizeof(ushort)));
            for (var index = 0; index < documents.Length; index++)
                places[index] = (ushort)documents[index];
            return;
        }
        var words = MemoryMarshal.Cast<byte, ulong>(target.Add(BitmapBytes));
        words.Clear();
        foreach (var document in documents)
            words[(document & 0xFFFF) >> 6] |= 1UL << document;
    }

    public void AddTo(DocumentSet set)
    {
        var words = set.Words;
        if (_single >= 0)
            words[_single >> 6] |= 1UL << _single;
        else if (Count <= MaxDeltas)
        {
            for (int at = 0, document = -1, left = Count; left > 0; left--)
            {
                document += Varint.ReadInt(_bytes, ref at) + 1;
                words[document >> 6] |= 1UL << document;
            }
        }
        else
        {
            foreach (var container in new Containers(_bytes))
            {
                var part = words.Slice(container.Key * DocumentSet.ContainerWords, DocumentSet.ContainerWords);
                if (container.IsBitmap)
                {
                    var bits = container.Bits;
                    for (var word = 0; word < part.Length; word++)
                        part[word] |= bits[word];
                }
                else
                {
                    foreach (var place in container.Places)
                        part[place >> 6] |= 1UL << place;
                }
            }
        }
    }

    /// <summary>Keeps in the set only what is here too.</summary>
    public void Restrict(DocumentSet set)
    {
        if (_single >= 0 || Count <= MaxDeltas)
        {
            Span<int> kept = stackalloc int[MaxDeltas];
            var count = 0;
            for (int at = 0, document = _single, left = Count; left > 0; left--)
            {
                if (_single < 0)
                    document += Varint.ReadInt(_bytes, ref at) + 1;
                if (set.Contains(document))
                    kept[count++] = document;
            }
            set.Clear();
            foreach (var document in kept[..count])
                set.Add(document);
            return;
        }
        var words = set.Words;
        var done = 0;
        Span<ulong> bitmap = stackalloc ulong[DocumentSet.ContainerWords];
        foreach (var container in new Containers(_bytes))
        {
            var from = container.Key * DocumentSet.ContainerWords;
            words[done..from].Clear();
            done = from + DocumentSet.ContainerWords;
            var part = words[from..done];
            scoped ReadOnlySpan<ulong> bits = container.Bits;
            if (!container.IsBitmap)
            {
                bitmap.Clear();
                foreach (var place in container.Places)
                    bitmap[place >> 6] |= 1UL << place;
                bits = bitmap;
            }
            for (var word = 0; word < part.Length; word++)
                part[word] &= bits[word];
        }
        words[done..].Clear();
    }

    /// <summary>How many of them are in the set.</summary>
    public int CountIn(DocumentSet set)
    {
        if (_single >= 0)
            return set.Contains(_single) ? 1 : 0;
        var count = 0;
        if (Count <= MaxDeltas)
        {
            for (int at = 0, document = -1, left = Count; left > 0; left--)
            {
                document += Varint.ReadInt(_bytes, ref at) + 1;
                if (set.Contains(document))
                    count++;
            }
            return count;
        }
        ReadOnlySpan<ulong> words = set.Words;
        foreach (var container in new Containers(_bytes))
        {
            var part = words.Slice(container.Key * DocumentSet.ContainerWords, DocumentSet.ContainerWords);
            if (container.IsBitmap)
                count += DocumentSet.CountOfBoth(container.Bits, part);
            else
            {
                foreach (var place in container.Places)
                    count += (int)(part[place >> 6] >> place & 1);
            }
        }
        return count;
    }

    public void CopyTo(Span<int> documents)
    {
        if (_single >= 0)
            documents[0] = _single;
        else if (Count <= MaxDeltas)
        {
            for (int at = 0, document = -1, index = 0; index < Count; index++)
            {
                document += Varint.ReadInt(_bytes, ref at) + 1;
                documents[index] = document;
            }
        }
        else
        {
            var index = 0;
            foreach (var container in new Containers(_bytes))
            {
                var from = container.Key << 16;
                if (!container.IsBitmap)
                {
                    foreach (var place in container.Places)
                        documents[index++] = from + place;
                    continue;
                }
                var bits = container.Bits;
                for (var word = 0; word < bits.Length; word++)
                for (var left = bits[word]; left != 0; left &= left - 1)
                    documents[index++] = from + (word << 6) + BitOperations.TrailingZeroCount(left);
            }
        }
    }

    readonly ref struct Container(int key, int cardinality, ReadOnlySpan<byte> bytes)
    {
        readonly ReadOnlySpan<byte> _bytes = bytes;

        public int Key => key;
        public bool IsBitmap => Postings.IsBitmap(cardinality);
        public ReadOnlySpan<ushort> Places => MemoryMarshal.Cast<byte, ushort>(_bytes);
        public ReadOnlySpan<ulong> Bits => MemoryMarshal.Cast<byte, ulong>(_bytes);
    }

    ref struct Containers
    {
        readonly ReadOnlySpan<byte> _bytes;
        readonly ReadOnlySpan<ushort> _headers;
        int _next;
        int _at;

        public Containers(ReadOnlySpan<byte> bytes)
        {
            _bytes = bytes;
            var count = MemoryMarshal.Read<ushort>(bytes);
            _headers = MemoryMarshal.Cast<byte, ushort>(bytes.Slice(2, count * 4));
            _at = 2 + count * 4;
        }

        public Container Current { get; private set; }

        public readonly Containers GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next == _headers.Length)
                return false;
            var cardinality = _headers[_next + 1] + 1;
            var length = BytesOfContainer(cardinality);
            Current = new Container(_headers[_next], cardinality, _bytes.Slice(_at, length));
            _next += 2;
            _at += length;
            return true;
        }
    }
}
