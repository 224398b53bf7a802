namespace Harima.Archives;

public enum ArchiveFormat
{
    /// <summary>ZIP with the 64-bit extensions where they are needed, members stored uncompressed.</summary>
    Zip,

    /// <summary>POSIX tar (ustar) with pax headers where they are needed.</summary>
    Tar,
}

/// <summary>
/// The bytes of an archive that are not the files'. All of them follow from names, sizes, times and checksums, so the length of an
/// archive is known, and any range of it can be made, without reading a file:
/// <code>
/// head | content | padding | head | content | padding | ... | record record ... | end
/// '------ one entry ------'                                  '--- directory ---'
/// </code>
/// </summary>
interface IArchiveLayout
{
    bool HasDirectory { get; }

    byte[] Head(ArchiveEntry entry);

    int PaddingBytes(ArchiveEntry entry);

    /// <param name="offset">Of the entry's head.</param>
    byte[] Record(ArchiveEntry entry, long offset);

    byte[] End(long count, long directoryOffset, long directoryBytes);
}

static class ArchiveLayout
{
    public static IArchiveLayout Of(ArchiveFormat format) =>
        format == ArchiveFormat.Zip ? new ZipLayout() : new TarLayout();
}
