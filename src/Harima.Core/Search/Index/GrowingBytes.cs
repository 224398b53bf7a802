using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Harima.Search.Index;

/// <summary>Bytes that are being put together; used again and again.</summary>
sealed class GrowingBytes
{
    byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Room for so many more, to be filled before the next call.</summary>
    public Span<byte> Add(int count)
    {
        var needed = checked(Length + count);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        var room = _bytes.AsSpan(Length, count);
        Length = needed;
        return room;
    }

    public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Add(bytes.Length));

    public void AddVarint(ulong value)
    {
        var room = Add(Varint.MaxBytes);
        Length += Varint.Write(room, value) - Varint.MaxBytes;
    }

    public void AddShort(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Add(sizeof(ushort)), value);

    public void AddInt(int value) => BinaryPrimitives.WriteInt32LittleEndian(Add(sizeof(int)), value);

    public void AddLong(long value) => BinaryPrimitives.WriteInt64LittleEndian(Add(sizeof(long)), value);

    public void SetShort(int at, ushort value) => MemoryMarshal.Write(_bytes.AsSpan(at), value);

    public void SetInt(int at, int value) => MemoryMarshal.Write(_bytes.AsSpan(at), value);
}

/// <summary>
/// Values that are being collected; used again and again. Large ones come from a pool: made anew for each segment they would be most
/// of what a process that builds an index holds.
/// </summary>
sealed class Growing<T> : IDisposable
    where T : unmanaged
{
    T[] _values = ArrayPool<T>.Shared.Rent(256);

    public int Length { get; private set; }

    public Span<T> Written => _values.AsSpan(0, Length);

    public T[] Values => _values;

    public void Clear() => Length = 0;

    public Span<T> Room(int count)
    {
        var needed = checked(Length + count);
        if (needed > _values.Length)
            Grow(needed);
        var room = _values.AsSpan(Length, count);
        Length = needed;
        return room;
    }

    void Grow(int needed)
    {
        var larger = ArrayPool<T>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _values.Length)));
        Written.CopyTo(larger);
        ArrayPool<T>.Shared.Return(_values);
        _values = larger;
    }

    public void Add(T value) => Room(1)[0] = value;

    public void Cut(int length) => Length = length;

    public void Dispose()
    {
        ArrayPool<T>.Shared.Return(_values);
        _values = [];
        Length = 0;
    }
}
