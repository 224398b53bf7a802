using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Harima.Search.Index;

/// <summary>A file in the address space: what is read of it stays in the page cache, which the system takes back when it needs to.</summary>
sealed unsafe class MappedFile : IDisposable
{
    readonly MemoryMappedFile _file;
    readonly MemoryMappedViewAccessor _view;

    // Invariant: valid until Dispose; every slice lies within [_start, _start + Length).
    readonly byte* _start;

    MappedFile(MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
    {
        _file = file;
        _view = view;
        Length = length;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += view.PointerOffset;
    }

    public long Length { get; }

    public static MappedFile Open(string path)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path);
        }
        catch (FileNotFoundException)
        {
            throw new IndexDamagedException($"{path} is missing");
        }
        var length = RandomAccess.GetLength(handle);
        if (length == 0)
        {
            handle.Dispose();
            throw new IndexDamagedException($"{path} is empty");
        }
        var file = MemoryMappedFile.CreateFromFile(
            handle,
            mapName: null,
            capacity: 0,
            MemoryMappedFileAccess.Read,
            HandleInheritability.None,
            leaveOpen: false
        );
        return new MappedFile(file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), length);
    }

    public ReadOnlySpan<byte> Slice(long offset, long length)
    {
        if (offset < 0 || length < 0 || length > int.MaxValue || offset > Length - length)
            throw new IndexDamagedException($"a place at {offset} of {length} bytes lies outside of {Length} bytes");
        return new ReadOnlySpan<byte>(_start + offset, (int)length);
    }

    /// <summary>The bytes as values of the machine's own (little) order.</summary>
    public ReadOnlySpan<T> Slice<T>(long offset, long count)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Slice(offset, checked(count * sizeof(T))));

    public ulong Checksum(long length)
    {
        const int Step = 1 << 24;
        var hash = new XxHash3();
        for (long at = 0; at < length; at += Step)
            hash.Append(Slice(at, Math.Min(Step, length - at)));
        return hash.GetCurrentHashAsUInt64();
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
