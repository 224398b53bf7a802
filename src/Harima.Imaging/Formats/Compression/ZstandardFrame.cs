using ZstdSharp;

namespace Harima.Imaging.Formats.Compression;

/// <summary>Frames of Zstandard (RFC 8878), unpacked straight into their target: what they say of windows and sizes costs no memory.</summary>
static class ZstandardFrame
{
    /// <returns>How many bytes of <paramref name="target"/> were filled.</returns>
    /// <exception cref="DamagedFileException">It is none, is damaged, needs a dictionary, or holds more than the target.</exception>
    public static int Decode(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        try
        {
            using var decompressor = new Decompressor();
            return decompressor.Unwrap(packed, target);
        }
        catch (ZstdException fault)
        {
            throw new DamagedFileException("Zstandard", $"{fault.Message}.", fault);
        }
    }
}
