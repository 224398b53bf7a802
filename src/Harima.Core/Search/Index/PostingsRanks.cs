using System.Numerics;
using System.Runtime.InteropServices;

namespace Harima.Search.Index;

/// <summary>
/// Which of a term's documents a document is, the how-manieth: that is where its positions stand. Asked for ascending documents, a portion
/// at a time, without unpacking the postings; remembers between portions how far it is.
/// </summary>
sealed class PostingsRanks(SegmentField field, TermEntry entry)
{
    int _container;
    int _at = -1;
    int _base;

    /// <param name="documents">
    /// Ascending, all of them among the term's, all of one container (65,536) and of none before that of the last call.
    /// </param>
    public void Of(ReadOnlySpan<int> documents, Span<int> ranks)
    {
        if (entry.Documents == 1)
        {
            ranks[..documents.Length].Clear();
            return;
        }
        var bytes = field.Segment.File.Slice(entry.Offset, entry.PostingsLength);
        if (entry.Documents <= Postings.MaxDeltas)
            OfDeltas(bytes, documents, ranks);
        else
            OfContainer(bytes, documents, ranks);
    }

    static void OfDeltas(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> documents, Span<int> ranks)
    {
        var (at, rank, here) = (0, -1, -1);
        for (var n = 0; n < documents.Length; n++)
        {
            while (here < documents[n])
            {
                here += Varint.ReadInt(bytes, ref at) + 1;
                rank++;
            }
            ranks[n] = rank;
        }
    }

    void OfContainer(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> documents, Span<int> ranks)
    {
        var headers = MemoryMarshal.Cast<byte, ushort>(bytes.Slice(2, MemoryMarshal.Read<ushort>(bytes) * 4));
        if (_at < 0)
            _at = 2 + headers.Length * sizeof(ushort);
        var key = documents[0] >> 16;
        for (; headers[2 * _container] != key; _container++)
        {
            var passed = headers[2 * _container + 1] + 1;
            _base += passed;
            _at += Postings.BytesOfContainer(passed);
        }
        var cardinality = headers[2 * _container + 1] + 1;
        var content = bytes.Slice(_at, Postings.BytesOfContainer(cardinality));
        if (Postings.IsBitmap(cardinality))
            InBitmap(MemoryMarshal.Cast<byte, ulong>(content), documents, ranks, _base);
        else
            InPlaces(MemoryMarshal.Cast<byte, ushort>(content), documents, ranks, _base);
    }

    static void InBitmap(ReadOnlySpan<ulong> bits, ReadOnlySpan<int> documents, Span<int> ranks, int before)
    {
        var word = 0;
        for (var n = 0; n < documents.Length; n++)
        {
            var place = documents[n] & 0xFFFF;
            for (; word < place >> 6; word++)
                before += BitOperations.PopCount(bits[word]);
            ranks[n] = before + BitOperations.PopCount(bits[word] & ((1UL << place) - 1));
        }
    }

    static void InPlaces(ReadOnlySpan<ushort> places, ReadOnlySpan<int> documents, Span<int> ranks, int before)
    {
        var low = 0;
        for (var n = 0; n < documents.Length; n++)
        {
            var place = (ushort)documents[n];
            // The next is often near: steps that double find it in a few.
            var step = 1;
            while (low + step < places.Length && places[low + step] <= place)
            {
                low += step;
                step *= 2;
            }
            var high = Math.Min(places.Length, low + step);
            while (low + 1 < high)
            {
                var middle = (low + high) >>> 1;
                if (places[middle] <= place)
                    low = middle;
                else
                    high = middle;
            }
            ranks[n] = before + low;
        }
    }
}
