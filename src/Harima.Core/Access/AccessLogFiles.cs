using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Harima.Access;

/// <summary>
/// The files of the access log: JSON lines, each process its own file of the day, so that replicas may share the folder. A
/// file is locked while it is written; one that is not belongs to a process that has ended.
/// </summary>
sealed class AccessLogFiles(AccessLog log, IOptions<AccessLogOptions> options, TimeProvider time) : IDisposable
{
    const string Pattern = "access-*.jsonl";

    readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    FileStream? _current;
    int _day;

    /// <summary>The file being written, and its length; null before the first line.</summary>
    public (string Name, long Length)? Current =>
        _current is null ? null : (Path.GetFileName(_current.Name), _current.Length);

    /// <summary>Appends lines and makes them durable.</summary>
    public void Append(IReadOnlyList<AccessLogEntry> entries, long lost)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer))
        {
            foreach (var entry in entries)
            {
                JsonSerializer.Serialize(writer, entry, AccessLogJson.Default.AccessLogEntry);
                writer.Flush();
                writer.Reset();
                _buffer.Write("\n"u8);
            }
        }
        if (lost > 0)
            _buffer.Write(
                System.Text.Encoding.ASCII.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"time":"{{time.GetUtcNow():O}}","lost":{{lost}}}"""
                    ) + "\n"
                )
            );
        var file = OpenCurrent();
        var length = file.Length;
        try
        {
            file.Write(_buffer.WrittenSpan);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            // Half a batch would be there twice after the next attempt.
            file.SetLength(length);
            file.Position = length;
            throw;
        }
    }

    /// <summary>True when the next line belongs into another file.</summary>
    public bool IsFull => _current is not null && (_current.Length >= options.Value.MaxFileBytes || _day != Today());

    public void Close()
    {
        _current?.Dispose();
        _current = null;
    }

    /// <summary>Files that nobody writes any more, oldest first.</summary>
    public IEnumerable<FileInfo> Finished()
    {
        var folder = new DirectoryInfo(log.Folder);
        if (!folder.Exists)
            yield break;
        foreach (var file in folder.GetFiles(Pattern).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            if (file.FullName != _current?.Name && !IsWritten(file))
                yield return file;
        }
    }

    /// <summary>The whole lines from a position on, at most so many, and where they end.</summary>
    public static (IReadOnlyList<AccessLogEntry> Entries, long End) Read(string path, long position, int most)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = position;
        using var reader = new StreamReader(stream, System.Text.Encoding.UTF8);
        var entries = new List<AccessLogEntry>();
        var end = position;
        while (entries.Count < most && reader.ReadLine() is { } line)
        {
            end += System.Text.Encoding.UTF8.GetByteCount(line) + 1;
            try
            {
                if (JsonSerializer.Deserialize(line, AccessLogJson.Default.AccessLogEntry) is { } entry)
                    entries.Add(entry);
            }
            catch (JsonException)
            {
                // A line of a crash, or one that counts what was lost.
            }
        }
        return (entries, end);
    }

    public void Dispose() => Close();

    FileStream OpenCurrent()
    {
        if (_current is not null && !IsFull)
            return _current;
        Close();
        _day = Today();
        var folder = Directory.CreateDirectory(
            log.Folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"access-{time.GetUtcNow():yyyyMMdd'T'HHmmss}-{Guid.CreateVersion7(time.GetUtcNow()):N}.jsonl"
        );
        _current = new FileStream(
            Path.Combine(folder.FullName, name),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                // Readers may; another writer, or who asks whether there is one, may not.
                Share = FileShare.Read,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        return _current;
    }

    int Today() => DayOf(time.GetUtcNow());

    /// <summary>Such as 20261123.</summary>
    public static int DayOf(DateTimeOffset at) =>
        (at.UtcDateTime.Year * 10_000) + (at.UtcDateTime.Month * 100) + at.UtcDateTime.Day;

    static bool IsWritten(FileInfo file)
    {
        try
        {
            using var probe = file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
