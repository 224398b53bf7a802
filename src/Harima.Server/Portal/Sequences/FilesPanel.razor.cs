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

/// <summary>Whose files are shown: a sequence's or a workspace's.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Root">Before the paths shown, to make keys: <c>S0042/</c>, or nothing in a workspace.</param>
/// <param name="Archive">Its name in archives, with a slash at its end.</param>
/// <param name="Here">The page that shows it.</param>
/// <param name="Content">Before a path, to make the address of a file's bytes.</param>
public sealed record FilesPlace(string Bucket, string Name, string Root, string Archive, string Here, string Content)
{
    public static FilesPlace Of(Sequence sequence)
    {
        var here = Address.Sequence(sequence.ProposalId, sequence.Id);
        return new(
            sequence.ProposalId,
            sequence.Id,
            sequence.Id + "/",
            sequence.Name + "/",
            here,
            $"/api/v1{here}/content/"
        );
    }

    public static FilesPlace Of(Harima.Workspaces.Workspace workspace) =>
        new(
            workspace.Id,
            workspace.Id,
            "",
            workspace.Id + "/",
            "/workspaces/" + workspace.Id,
            $"/api/v1/workspaces/{workspace.Id}/content/"
        );

    public string Zip(string path) => Address.Of("/download", ("format", "zip"), ("s", Archive + path));
}

partial class FilesPanel
{
    /// <summary>Up to so many files the whole tree is on the page; larger ones are walked folder by folder.</summary>
    const int WholeTree = 1000;
    const int PageLength = 500;

    IReadOnlyList<FileNode> _nodes = [];
    string? _next;
    bool _keepsVersions;

    [Inject]
    FilePlaces Places { get; set; } = null!;

    [Inject]
    FileQueries Files { get; set; } = null!;

    [Inject]
    RemoveFile RemoveFile { get; set; } = null!;

    [Inject]
    RemoveFolder RemoveFolder { get; set; } = null!;

    [Parameter, EditorRequired]
    public FilesPlace Place { get; set; } = null!;

    /// <summary>The folder shown, with a slash at its end; empty for the topmost.</summary>
    [Parameter]
    public string? Path { get; set; }

    [Parameter]
    public string? Cursor { get; set; }

    /// <summary>Beside the heading, such as how much there is.</summary>
    [Parameter]
    public string? Summary { get; set; }

    [Parameter]
    public bool CanWrite { get; set; }

    /// <summary>Shown instead of files where there are none.</summary>
    [Parameter]
    public RenderFragment? Empty { get; set; }

    /// <summary>The path that a button beside it asks to remove; a folder's ends with a slash.</summary>
    [SupplyParameterFromForm(FormName = "remove")]
    string? Key { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    /// <summary>The file whose older versions are wanted.</summary>
    [SupplyParameterFromQuery(Name = "versions")]
    string? VersionsOf { get; set; }

    IReadOnlyList<(string Name, string Path)> Folders
    {
        get
        {
            var names = (Path ?? "").Split('/');
            return [.. names[..^1].Select((name, n) => (name, string.Join('/', names[..(n + 1)]) + "/"))];
        }
    }

    protected override async Task OnInitializedAsync()
    {
        var view = await Places.GetBucketAsync(Visitor.Principal, Place.Bucket, Aborted);
        _keepsVersions = view.Bucket.Versioning != Versioning.None;
        if (string.IsNullOrEmpty(Path) && Cursor is null && await ListAsync(null, WholeTree) is { Next: null } whole)
        {
            _nodes = Grow([.. whole.Entries.Select(entry => entry.File!)], Place.Root.Length);
            return;
        }
        var listing = await ListAsync("/", PageLength);
        _nodes =
        [
            .. listing.Entries.Select(entry => new FileNode(
                NameOf(entry),
                entry.Name[Place.Root.Length..],
                entry.File,
                []
            )),
        ];
        _next = listing.Next?[Place.Root.Length..];
    }

    Task<Listing> ListAsync(string? delimiter, int most)
    {
        var after = Cursor is null ? null : Place.Root + Cursor;
        var request = new ListRequest(Place.Root + Path, delimiter, after, most);
        return Files.ListAsync(Visitor.Principal, Place.Bucket, request, Aborted);
    }

    async Task RemoveAsync()
    {
        if (string.IsNullOrEmpty(Key))
            return;
        var key = Place.Root + Key;
        var removed = await TryAsync(() =>
            Key.EndsWith('/')
                ? RemoveFolder.HandleAsync(Place.Bucket, key, Visitor.Principal, Aborted)
                : RemoveFile.HandleAsync(Place.Bucket, key, null, Visitor.Principal, Aborted)
        );
        if (removed)
            Navigation.NavigateTo(
                Address.Of(
                    Place.Here,
                    ("path", Path),
                    ("done", "removed"),
                    // From there it can be brought back.
                    ("versions", _keepsVersions && !Key.EndsWith('/') ? Key : null)
                )
            );
    }

    string NameOf(ListEntry entry)
    {
        var inside = entry.Name[(Place.Root.Length + (Path ?? "").Length)..];
        return entry.File is null ? inside[..^1] : inside;
    }

    /// <summary>Files in order of their keys become a tree; folders first.</summary>
    IReadOnlyList<FileNode> Grow(IReadOnlyList<DataFile> files, int at)
    {
        var folders = files
            .Where(file => file.Key.IndexOf('/', at) >= 0)
            .GroupBy(file => file.Key[at..file.Key.IndexOf('/', at)], StringComparer.Ordinal)
            .Select(group =>
            {
                var inside = at + group.Key.Length + 1;
                return new FileNode(
                    group.Key,
                    group.First().Key[Place.Root.Length..inside],
                    null,
                    Grow([.. group], inside)
                );
            });
        var own = files
            .Where(file => file.Key.IndexOf('/', at) < 0)
            .Select(file => new FileNode(file.Key[at..], file.Key[Place.Root.Length..], file, []));
        return [.. folders, .. own];
    }
}
