using System.Buffers;

namespace Harima.S3.Signing;

/// <summary>Bytes that start on the caller's stack and move to a pooled array when they outgrow it.</summary>
ref struct ByteBuffer(Span<byte> initial)
{
    Span<byte> _bytes = initial;
    byte[]? _pooled;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _bytes[..Length];

    public void Append(byte value)
    {
        if (Length == _bytes.Length)
            Grow(1);
        _bytes[Length++] = value;
    }

    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bytes.Length - Length)
            Grow(bytes.Length);
        bytes.CopyTo(_bytes[Length..]);
        Length += bytes.Length;
    }

    /// <summary>Appends each char as one byte: headers arrive as Latin-1.</summary>
    public void AppendLatin1(scoped ReadOnlySpan<char> text)
    {
        if (text.Length > _bytes.Length - Length)
            Grow(text.Length);
        for (var i = 0; i < text.Length; i++)
            _bytes[Length + i] = (byte)text[i];
        Length += text.Length;
    }

    public void AppendHex(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length * 2 > _bytes.Length - Length)
            Grow(bytes.Length * 2);
        Convert.TryToHexStringLower(bytes, _bytes[Length..], out var written);
        Length += written;
    }

    public void Dispose()
    {
        if (_pooled is not null)
            ArrayPool<byte>.Shared.Return(_pooled);
        _pooled = null;
    }

    void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + more));
        Written.CopyTo(larger);
        if (_pooled is not null)
            ArrayPool<byte>.Shared.Return(_pooled);
        _bytes = _pooled = larger;
    }
}
