using Harima.Faults;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

public sealed partial class PosixStore
{
    static readonly TimeSpan MeasuringRoom = TimeSpan.FromMilliseconds(200);

    // What was free when it was last measured, less what has been asked for since. A wrong guess only measures again.
    long _freeBytes;
    long _measuredAt = long.MinValue;

    /// <summary>
    /// Refuses what would use up the room that is kept free: with no byte left not even a delete could be written down, where the
    /// catalogue lies on the same file system, nor a folder be made for bytes that are already committed.
    /// </summary>
    void RequireRoom(long lengthBytes)
    {
        var now = Time.GetTimestamp();
        var measured = Interlocked.Read(ref _measuredAt);
        if (
            measured == long.MinValue
            || Time.GetElapsedTime(measured, now) > MeasuringRoom
            || Interlocked.Read(ref _freeBytes) - lengthBytes < _reserveBytes
        )
        {
            Interlocked.Exchange(ref _freeBytes, new DriveInfo(Root).AvailableFreeSpace);
            Interlocked.Exchange(ref _measuredAt, now);
        }
        if (Interlocked.Add(ref _freeBytes, -lengthBytes) < _reserveBytes)
            throw Full(null);
    }

    internal override Room? FindRoom()
    {
        var drive = new DriveInfo(Root);
        return new Room(drive.AvailableFreeSpace, drive.TotalSize);
    }

    /// <summary>Asks for the room first, so that a full disk is noticed before gigabytes have been sent.</summary>
    static void Reserve(SafeFileHandle handle, long lengthBytes)
    {
        if (lengthBytes <= PumpBytes)
            return;
        switch (Posix.Allocate(handle, lengthBytes))
        {
            case Posix.ENOSPC or Posix.EDQUOT:
                throw Full(null);
            case Posix.EFBIG:
                throw new FaultException(
                    FaultCode.TooLarge,
                    "file-too-large",
                    $"The facility's file system cannot hold a file of {Fault.Number(lengthBytes)} bytes."
                );
            default:
                // Done, or not offered by this file system.
                break;
        }
    }
}
