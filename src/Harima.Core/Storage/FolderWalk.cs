using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>Why something in a folder cannot be catalogued.</summary>
public enum WalkProblem
{
    /// <summary>A symbolic link; none is followed.</summary>
    Link,

    /// <summary>A socket, pipe or device.</summary>
    Special,

    /// <summary>A name that is no UTF-8.</summary>
    Name,

    /// <summary>Harima may not read it, or the file system failed to.</summary>
    Unreadable,
}

/// <param name="Path">Below the folder, with slashes; bytes that are no UTF-8 as <c>\xNN</c>.</param>
/// <param name="Problem">Null for a plain file that can be read.</param>
readonly record struct Walked(string Path, EntryFacts Facts, WalkProblem? Problem);

/// <summary>
/// Everything below a folder, in the order of keys (UTF-8 bytes of whole paths), so that it can be compared with the catalogue side
/// by side and taken up again anywhere. Remembers the names of the folders it is in and of nothing else.
/// </summary>
/// <param name="after">Where to take it up: after this path; null for the beginning.</param>
/// <param name="skips">Whether a folder, with a slash at its end, is not to be looked into.</param>
sealed class FolderWalk(SafeFileHandle folder, string? after, Func<string, bool>? skips = null) : IDisposable
{
    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    readonly Stack<Level> _levels = new();
    bool _begun;

    /// <summary>One folder: its entries in order; names of folders end in a slash.</summary>
    sealed record Level(SafeFileHandle Handle, string Path, List<Entry> Entries) : IDisposable
    {
        public int Next { get; set; }

        public void Dispose() => Handle.Dispose();
    }

    readonly record struct Entry(string Name, EntryKind? Kind, WalkProblem? Problem);

    /// <summary>The next file or problem; null at the end.</summary>
    public Walked? Next()
    {
        if (!_begun)
        {
            _begun = true;
            if (Enter(folder, "") is { } unreadable)
                return unreadable;
        }
        while (_levels.TryPeek(out var level))
        {
            if (level.Next == level.Entries.Count)
            {
                _levels.Pop().Dispose();
                continue;
            }
            var entry = level.Entries[level.Next++];
            if (IsBefore(level.Path + entry.Name, entry.Kind))
                continue;
            if (Take(level, entry) is { } walked)
                return walked;
        }
        return null;
    }

    bool IsBefore(string path, EntryKind? kind)
    {
        if (after is null || KeyOrder.Compare(path, after) > 0)
            return false;
        return kind != EntryKind.Folder || !after.StartsWith(path, StringComparison.Ordinal);
    }

    Walked? Take(Level level, Entry entry)
    {
        var path = level.Path + entry.Name;
        if (entry.Problem is { } problem)
            return new Walked(path, default, problem);
        if (entry.Kind == EntryKind.Folder)
        {
            if (skips?.Invoke(path) == true)
                return null;
            var inside = Posix.OpenFolderIn(level.Handle, entry.Name[..^1], out var errno);
            if (inside is not null)
                return Enter(inside, path);
            // Gone, or become something else, since it was listed: whoever looks next finds what it is.
            return errno is Posix.ENOENT or Posix.ENOTDIR or Posix.ELOOP
                ? null
                : new Walked(path, default, WalkProblem.Unreadable);
        }
        if (Posix.LookIn(level.Handle, entry.Name) is not { } facts)
            return null;
        return facts.Kind switch
        {
            EntryKind.Link => new Walked(path, facts, WalkProblem.Link),
            EntryKind.Other => new Walked(path, facts, WalkProblem.Special),
            // Become a folder since it was listed; its place in the order is another.
            EntryKind.Folder => null,
            _ => new Walked(path, facts, Posix.IsReadable(level.Handle, entry.Name) ? null : WalkProblem.Unreadable),
        };
    }

    Walked? Enter(SafeFileHandle handle, string path)
    {
        var level = new Level(handle, path, []);
        try
        {
            foreach (var (name, kind) in Posix.NamesIn(handle))
                level.Entries.Add(EntryOf(handle, name, kind));
        }
        catch (IOException)
        {
            level.Dispose();
            return new Walked(path, default, WalkProblem.Unreadable);
        }
        level.Entries.Sort((one, other) => KeyOrder.Compare(one.Name, other.Name));
        _levels.Push(level);
        return null;
    }

    static Entry EntryOf(SafeFileHandle handle, byte[] bytes, EntryKind? kind)
    {
        string name;
        try
        {
            name = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return new Entry(Escaped(bytes), kind, WalkProblem.Name);
        }
        kind ??= Posix.LookIn(handle, name)?.Kind;
        return new Entry(kind == EntryKind.Folder ? name + "/" : name, kind, null);
    }

    static string Escaped(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (var value in bytes)
            text.Append(value is >= 0x20 and < 0x7F ? ((char)value).ToString() : $"\\x{value:x2}");
        return text.ToString();
    }

    public void Dispose()
    {
        if (!_begun)
            folder.Dispose();
        while (_levels.TryPop(out var level))
            level.Dispose();
    }
}
