using Harima.Sequences;
using Harima.Storage;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

/// <summary>A folder or a file of the tree. A folder without children was not read: it opens on its own page.</summary>
public sealed record FileNode(string Name, string Path, DataFile? File, IReadOnlyList<FileNode> Children)
{
    public bool IsFolder => File is null;

    public long SizeBytes => File?.SizeBytes ?? Children.Sum(child => child.SizeBytes);

    public long FileCount => File is null ? Children.Sum(child => child.FileCount) : 1;
}

partial class FilesPanel
{
    /// <summary>Up to so many files the whole tree is on the page; larger ones are walked folder by folder.</summary>
    const int WholeTree = 1000;
    const int PageLength = 500;

    IReadOnlyList<FileNode> _nodes = [];
    string? _next;

    [Inject]
    FileQueries Files { get; set; } = null!;

    [Inject]
    Visitor Visitor { get; set; } = null!;

    [CascadingParameter]
    HttpContext Context { get; set; } = null!;

    [Parameter, EditorRequired]
    public Sequence Sequence { get; set; } = null!;

    /// <summary>The folder shown, with a slash at its end; empty for the topmost.</summary>
    [Parameter]
    public string? Path { get; set; }

    [Parameter]
    public string? Cursor { get; set; }

    [Parameter]
    public string Here { get; set; } = "";

    [Parameter]
    public bool CanWrite { get; set; }

    IReadOnlyList<(string Name, string Path)> Folders
    {
        get
        {
            var names = (Path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
            return [.. names.Select((name, n) => (name, string.Join('/', names[..(n + 1)]) + "/"))];
        }
    }

    protected override async Task OnInitializedAsync()
    {
        var root = Sequence.Id + "/";
        var whole = Sequence.FileCount <= WholeTree && string.IsNullOrEmpty(Path);
        var request = new ListRequest(
            root + Path,
            whole ? null : "/",
            Cursor is null ? null : root + Cursor,
            whole ? WholeTree : PageLength
        );
        var listing = await Files.ListAsync(Visitor.Principal, Sequence.ProposalId, request, Context.RequestAborted);
        _nodes = whole
            ? Grow([.. listing.Entries.Select(entry => entry.File!)], root.Length, root.Length)
            :
            [
                .. listing.Entries.Select(entry => new FileNode(
                    NameOf(entry.Name),
                    entry.Name[root.Length..],
                    entry.File,
                    []
                )),
            ];
        _next = listing.Next?[root.Length..];
    }

    static string NameOf(string key) => key.TrimEnd('/').Split('/')[^1];

    /// <summary>Files in order of their keys become a tree; folders first.</summary>
    static IReadOnlyList<FileNode> Grow(IReadOnlyList<DataFile> files, int at, int rootLength)
    {
        var folders = files
            .Where(file => file.Key.IndexOf('/', at) >= 0)
            .GroupBy(file => file.Key[at..file.Key.IndexOf('/', at)], StringComparer.Ordinal)
            .Select(group =>
            {
                var inside = at + group.Key.Length + 1;
                return new FileNode(
                    group.Key,
                    group.First().Key[rootLength..inside],
                    null,
                    Grow([.. group], inside, rootLength)
                );
            });
        var own = files
            .Where(file => file.Key.IndexOf('/', at) < 0)
            .Select(file => new FileNode(file.Key[at..], file.Key[rootLength..], file, []));
        return [.. folders, .. own];
    }
}
