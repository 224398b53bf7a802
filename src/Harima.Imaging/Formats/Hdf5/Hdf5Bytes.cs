using System.Buffers.Binary;
using System.Text;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>Bytes of a file by address, page by page: never more than the budget, never past the end.</summary>
sealed class Hdf5Bytes(Stream file, long budgetBytes)
{
    const int PageBytes = 4096;
    const int MaxBytesAtOnce = 1 << 20;

    /// <summary>As much data is read from a file at most.</summary>
    public const long DataBudgetBytes = 192 << 20;

    readonly Dictionary<long, byte[]> _pages = [];
    long _dataLeft = DataBudgetBytes;
    long _left = budgetBytes;

    public long Length { get; } = file.Length;

    /// <summary>Address 0 of the HDF5 part, behind a user block.</summary>
    public long Base { get; set; }

    public int OffsetBytes { get; set; } = 8;

    public int LengthBytes { get; set; } = 8;

    public Hdf5Cursor At(ulong address, int count) => new(this, Read(address, count), address);

    /// <exception cref="DamagedFileException">It lies outside the file, is too much at once, or the budget is spent.</exception>
    public byte[] Read(ulong address, int count)
    {
        if (count is < 0 or > MaxBytesAtOnce || address > (ulong)Length || Base + (long)address + count > Length)
            throw new DamagedFileException(
                "HDF5",
                $"{count} bytes should be at address {address}, but the file ends at {Length}."
            );
        var result = new byte[count];
        var at = Base + (long)address;
        for (var done = 0; done < count; )
        {
            var page = Page((at + done) / PageBytes);
            var from = (int)((at + done) % PageBytes);
            var take = Math.Min(count - done, page.Length - from);
            if (take <= 0)
                throw new DamagedFileException("HDF5", $"the file ended at byte {at + done} while it was read.");
            page.AsSpan(from, take).CopyTo(result.AsSpan(done));
            done += take;
        }

        return result;
    }

    /// <summary>Data, which is read once and not kept; it has a budget of its own.</summary>
    /// <exception cref="DamagedFileException">It lies outside the file, or more is asked for than one picture is worth.</exception>
    public byte[] ReadData(ulong address, long count)
    {
        if (count < 0 || address > (ulong)Length || Base + (long)address + count > Length)
            throw new DamagedFileException(
                "HDF5",
                $"{count} bytes should be at address {address}, but the file ends at {Length}."
            );
        _dataLeft -= count;
        if (_dataLeft < 0)
            throw new DamagedFileException("HDF5", $"more than {DataBudgetBytes >> 20} MiB would have to be read.");
        var result = new byte[count];
        file.Position = Base + (long)address;
        file.ReadExactly(result);
        return result;
    }

    byte[] Page(long number)
    {
        if (_pages.TryGetValue(number, out var page))
            return page;
        var start = number * PageBytes;
        page = new byte[(int)Math.Min(PageBytes, Length - start)];
        _left -= page.Length;
        if (_left < 0)
            throw new Hdf5BudgetException();
        file.Position = start;
        file.ReadExactly(page);
        _pages.Add(number, page);
        return page;
    }
}

/// <summary>As much has been read as may be; what was found until then stands.</summary>
sealed class Hdf5BudgetException : Exception;

/// <summary>Reads little-endian values one after another.</summary>
sealed class Hdf5Cursor(Hdf5Bytes file, byte[] bytes, ulong address)
{
    public const ulong Undefined = ulong.MaxValue;

    public int Position { get; set; }

    public int Left => bytes.Length - Position;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong Offset()
    {
        var value = Number(file.OffsetBytes);
        return file.OffsetBytes == 4 && value == uint.MaxValue ? Undefined : value;
    }

    public ulong Length() => Number(file.LengthBytes);

    /// <summary>A whole number of 1 to 8 bytes.</summary>
    public ulong Number(int size)
    {
        ulong value = 0;
        var taken = Take(size);
        for (var i = size - 1; i >= 0; i--)
            value = (value << 8) | taken[i];
        return value;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > Left)
            throw new DamagedFileException(
                "HDF5",
                $"a structure at address {address} needs {count} more bytes where {Left} are left."
            );
        Position += count;
        return bytes.AsSpan(Position - count, count);
    }

    public byte[] Rest() => Take(Left).ToArray();

    public Hdf5Cursor Part(int count) => new(file, Take(count).ToArray(), address);

    public void Skip(int count) => Take(count);

    public string Text(int count) => Encoding.UTF8.GetString(Take(count)).TrimEnd('\0');

    /// <summary>A text that a zero ends.</summary>
    public string TextToZero()
    {
        var end = bytes.AsSpan(Position).IndexOf((byte)0);
        if (end < 0)
            throw new DamagedFileException("HDF5", $"a text at address {address} does not end.");
        var text = Encoding.UTF8.GetString(Take(end));
        Skip(1);
        return text;
    }

    public void Expect(string signature)
    {
        if (!Take(4).SequenceEqual(Encoding.ASCII.GetBytes(signature)))
            throw new DamagedFileException("HDF5", $"there is no {signature} at address {address}.");
    }
}
