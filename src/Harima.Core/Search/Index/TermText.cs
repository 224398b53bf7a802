using System.Text;
using System.Text.Unicode;

namespace Harima.Search.Index;

/// <summary>A term as the bytes it is compared by.</summary>
static class TermText
{
    /// <summary>As many whole characters as fit.</summary>
    /// <param name="target">Of <see cref="IndexTerm.MaxTermBytes"/>.</param>
    public static int Encode(ReadOnlySpan<char> term, Span<byte> target)
    {
        Utf8.FromUtf16(term, target[..IndexTerm.MaxTermBytes], out _, out var length, replaceInvalidSequences: true);
        return length;
    }

    public static byte[] Encode(ReadOnlySpan<char> term)
    {
        Span<byte> bytes = stackalloc byte[IndexTerm.MaxTermBytes];
        return bytes[..Encode(term, bytes)].ToArray();
    }

    public static string Decode(ReadOnlySpan<byte> term) => Encoding.UTF8.GetString(term);
}

sealed class TermOrder : IComparer<byte[]>
{
    public static readonly TermOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
