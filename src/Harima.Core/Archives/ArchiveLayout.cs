namespace Harima.Archives;

public enum ArchiveFormat
{
    /// <summary>ZIP with the 64-bit extensions where they are needed, members stored uncompressed.</summary>
    Zip,

    /// <summary>POSIX tar (ustar) with pax headers where they are needed.</summary>
    Tar,
}

/// <summary>
/// The bytes of an archive that are not the files'. All of them follow from names, sizes, times and checksums, and their lengths from
/// names and sizes alone, so the length of an archive is known without reading a file, and so is any range of it where the checksums
/// are known:
/// <code>
/// head | content | tail | head | content | tail | ... | record record ... | end
/// '----- one entry -----'                              '--- directory ---'
/// </code>
/// </summary>
interface IArchiveLayout
{
    bool HasDirectory { get; }

    byte[] Head(ArchiveEntry entry);

    int TailBytes(ArchiveEntry entry);

    /// <param name="entry">With its checksum, where it is described after its content.</param>
    byte[] Tail(ArchiveEntry entry);

    /// <param name="offset">Of the entry's head.</param>
    byte[] Record(ArchiveEntry entry, long offset);

    byte[] End(long count, long directoryOffset, long directoryBytes);
}

static class ArchiveLayout
{
    public static IArchiveLayout Of(ArchiveFormat format) =>
        format == ArchiveFormat.Zip ? new ZipLayout() : new TarLayout();
}
