using System.IO.Compression;

namespace Harima.Imaging.Formats.Compression;

/// <summary>Deflate in the wrapping of zlib (RFC 1950).</summary>
static class ZLib
{
    /// <returns>How many bytes of <paramref name="target"/> were filled: what is packed may be longer, or end before.</returns>
    /// <exception cref="DamagedFileException">It cannot be inflated.</exception>
    public static int Decode(byte[] packed, Span<byte> target, string format)
    {
        try
        {
            using var source = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            return source.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException fault)
        {
            throw new DamagedFileException(format, "what is deflated in it cannot be inflated.", fault);
        }
    }
}
