using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>Calls that tell the file system what is wanted of it.</summary>
static partial class Posix
{
    // linux/ioprio.h
    const int WhoProcess = 1;
    const int ClassShift = 13;
    const int ClassNone = 0;
    const int ClassIdle = 3;

    // linux/fadvise.h
    const int DontNeed = 4;

    // The C library has no wrapper for ioprio_set.
    static readonly nint IoPrioritySet = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 251,
        Architecture.Arm64 => 30,
        _ => -1,
    };

    /// <summary>Lets the calling thread read only while nobody else wants the disk, until disposed on the same thread.</summary>
    public static IdleReading ReadWhenIdle() => new();

    /// <summary>Drops what is cached of a file, so that the next read is of the disk, and other files stay cached.</summary>
    public static void Forget(SafeFileHandle file, long offset, long length) =>
        _ = posix_fadvise(file, offset, length, DontNeed);

    public readonly ref struct IdleReading
    {
        readonly int _afterwards = ClassNone;

        public IdleReading() => SetPriority(ClassIdle);

        public void Dispose() => SetPriority(_afterwards);

        // A refusal (a container that forbids the call) costs only the politeness.
        static void SetPriority(int priorityClass)
        {
            if (IoPrioritySet >= 0)
                _ = syscall(IoPrioritySet, WhoProcess, 0, priorityClass << ClassShift);
        }
    }

    /// <summary>Takes the room for a file without changing what reads see beyond zeros.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Allocate(SafeFileHandle file, long length) =>
        fallocate(file, 0, 0, length) == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint which, nint who, nint priority);

    [LibraryImport("libc")]
    private static partial int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);
}
