using System.Buffers;
using System.Text;

namespace Harima.Search.Index;

/// <summary>A pattern of <see cref="IndexQuery.Wildcard"/>, for terms as bytes.</summary>
sealed class WildcardPattern
{
    enum Kind : byte
    {
        Literal,
        One,
        Any,
    }

    readonly List<(Kind Kind, byte Byte)> _parts = [];

    public WildcardPattern(string pattern)
    {
        Span<byte> bytes = stackalloc byte[4];
        var escaped = false;
        foreach (var rune in pattern.EnumerateRunes())
        {
            if (!escaped && rune.Value == '\\')
            {
                escaped = true;
                continue;
            }
            if (!escaped && rune.Value is ('*' or '?'))
                _parts.Add((rune.Value == '*' ? Kind.Any : Kind.One, 0));
            else
                AddLiteral(bytes[..rune.EncodeToUtf8(bytes)]);
            escaped = false;
        }
        if (escaped)
            AddLiteral("\\"u8);
        Prefix = [.. _parts.TakeWhile(part => part.Kind == Kind.Literal).Select(part => part.Byte)];
    }

    void AddLiteral(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            _parts.Add((Kind.Literal, value));
    }

    /// <summary>What every term that fits begins with.</summary>
    public byte[] Prefix { get; }

    public bool Fits(ReadOnlySpan<byte> term)
    {
        int at = 0,
            part = 0,
            afterAny = -1,
            retry = 0;
        while (at < term.Length || part < _parts.Count)
        {
            if (part < _parts.Count && _parts[part].Kind == Kind.Any)
            {
                afterAny = ++part;
                retry = at;
                continue;
            }
            if (part < _parts.Count && at < term.Length)
            {
                if (_parts[part].Kind == Kind.Literal && _parts[part].Byte == term[at])
                {
                    part++;
                    at++;
                    continue;
                }
                if (_parts[part].Kind == Kind.One)
                {
                    part++;
                    at = Next(term, at);
                    continue;
                }
            }
            if (afterAny < 0 || retry >= term.Length)
                return false;
            // The last star takes one character more.
            retry = Next(term, retry);
            at = retry;
            part = afterAny;
        }
        return true;
    }

    static int Next(ReadOnlySpan<byte> term, int at) =>
        Rune.DecodeFromUtf8(term[at..], out _, out var length) == OperationStatus.NeedMoreData
            ? term.Length
            : at + length;
}
