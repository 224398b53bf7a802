using System.Text.Json;
using Harima.Faults;
using Harima.Metadata;
using Harima.Metadata.Tables;
using Harima.Search;
using Harima.Search.Feed;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

partial class BulkPage
{
    const int MostShown = BulkEdit.Described;
    const int MostRunningShown = 20;
    const long MaxTableBytes = 32 << 20;

    static readonly JsonSerializerOptions AsWritten = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    EditPreview? _preview;
    bool _isMade;
    IReadOnlyList<TableProblem> _problems = [];
    IReadOnlyList<BulkChange> _changes = [];
    IReadOnlyList<LargeEdit> _running = [];
    SearchCount? _count;
    SearchState? _search;

    /// <summary>What was previewed, to be sent back when it is to be done.</summary>
    string? _edits;

    [Inject]
    BulkEdit Bulk { get; set; } = null!;

    [Inject]
    LargeEdits Large { get; set; } = null!;

    [Inject]
    EditFound Edit { get; set; } = null!;

    [Inject]
    FindSequences Find { get; set; } = null!;

    [Inject]
    MetadataTable Table { get; set; } = null!;

    /// <summary>Sequences, <c>proposal/sequence</c>.</summary>
    [SupplyParameterFromQuery(Name = "s")]
    string[]? Selected { get; set; }

    /// <summary>The selection is longer than an address may be: the browser has it.</summary>
    [SupplyParameterFromQuery(Name = "selection")]
    string? FromSelection { get; set; }

    /// <summary><c>1</c>: everything that the question finds.</summary>
    [SupplyParameterFromQuery(Name = "found")]
    string? Found { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    string? Question { get; set; }

    /// <summary>How many were changed, or <c>undone</c>.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    IReadOnlyList<string> Names => Field("Names") is { } typed ? BulkTable.NamesIn(typed) : Selected ?? [];

    bool IsFound => Found == "1";

    string FoundAddress => AddressOfFound(Question);

    string TableAddress =>
        IsFound ? Address.Of("/metadata/bulk/table", ("found", "1"), ("q", Question)) : "/metadata/bulk/table";

    /// <summary>A worker makes it, in portions.</summary>
    bool IsLarge => IsFound || _preview is { Total: > BulkEdit.MaxSequences };

    /// <summary>Something would change, or might among those that the preview did not look at.</summary>
    bool MayChange => _preview is { } preview && (preview.Changing > 0 || !preview.IsWhole);

    /// <summary>After a preview; and while it is being sent, for a form that is not on the page cannot be submitted.</summary>
    bool Applies =>
        _preview is null
            ? Field("Edits") is not null
            : _edits is not null && MayChange && _preview.Total <= LargeEdits.MaxSequences;

    /// <summary>The page for everything that a question finds.</summary>
    public static string AddressOfFound(string? question) =>
        Address.Of("/metadata/bulk", ("found", "1"), ("q", question));

    protected override async Task OnInitializedAsync()
    {
        _changes = await Bulk.ListAsync(Visitor.Principal, Aborted);
        _running = await Large.RunningAsync(Visitor.Principal, MostRunningShown, Aborted);
        if (IsFound)
            await TryAsync(async () =>
            {
                var found = await Find.HandleAsync(
                    FindRequest.Of(Question ?? "") with
                    {
                        Limit = 0,
                    },
                    Visitor.Principal,
                    Aborted
                );
                (_count, _search) = (found.Count, found.State);
            });
    }

    string? Field(string name) =>
        Context.Request.HasFormContentType ? Context.Request.Form[name].FirstOrDefault() : null;

    Task PreviewAsync() =>
        TryAsync(async () =>
        {
            if (Field("What") != "table" && IsFound)
            {
                MetadataEdit[] one = [OneEdit()];
                _preview = await Edit.PreviewAsync(FindRequest.Of(Question ?? ""), one, Visitor.Principal, Aborted);
                _edits = PreviewedEdits.Pack(new Previewed(one, null));
                return;
            }
            IReadOnlyList<SequenceEdit> edits;
            if (Field("What") == "table")
            {
                var table = TableFile.Read(await UploadedAsync(), LargeEdits.MaxSequences);
                var imported = await Table.ReadAsync(Visitor.Principal, table, Aborted, LargeEdits.MaxSequences);
                (edits, _problems) = (imported.Edits, imported.Problems);
            }
            else
                edits = EditsOfValue();
            SequenceEdit[] looked = [.. edits.Take(BulkEdit.MaxPreviewed)];
            _preview = new EditPreview(edits.Count, await Bulk.PreviewManyAsync(looked, Visitor.Principal, Aborted));
            _edits = PreviewedEdits.Pack(new Previewed(null, edits));
        });

    async Task ApplyAsync()
    {
        LargeEdit? started = null;
        BulkChange? change = null;
        var edits = (IReadOnlyList<SequenceEdit>)[];
        var isMade = await TryAsync(async () =>
        {
            var previewed = PreviewedEdits.Unpack<Previewed>(Field("Edits") ?? "");
            if (IsFound && previewed.OfFound is { } one)
            {
                started = await Edit.StartAsync(FindRequest.Of(Question ?? ""), one, Visitor.Principal, Aborted);
                return;
            }
            edits = PreviewedEdits.Shared(previewed.OfEach ?? []);
            var paths = edits.SelectMany(edit => edit.Edits).Select(edit => edit.Path).Distinct().Take(5);
            var summary = string.Join(", ", paths);
            if (edits.Count > BulkEdit.MaxSequences)
            {
                started = await Large.StartAsync(edits, summary, Visitor.Principal, Aborted);
                return;
            }
            (change, var outcomes) = await Bulk.ApplyAsync(edits, summary, Visitor.Principal, Aborted);
            (_preview, _isMade) = (new EditPreview(edits.Count, outcomes), true);
        });
        if (started is not null)
            Navigation.NavigateTo(LargeEditPage.AddressOf(started.Id));
        else if (isMade && _preview!.Refused == 0)
            Navigation.NavigateTo(
                Address.Of(
                    "/metadata/bulk",
                    [
                        .. edits.Select(edit => ("s", (string?)$"{edit.ProposalId}/{edit.SequenceId}")).Take(200),
                        ("done", Show.Count(change?.Sequences ?? 0)),
                    ]
                )
            );
    }

    async Task UndoAsync(BulkChange change)
    {
        LargeEdit? started = null;
        var isDone = await TryAsync(async () =>
        {
            if (change.Sequences > BulkEdit.MaxSequences || change.IsLarge)
            {
                started = await Large.UndoAsync(change.Id, Visitor.Principal, Aborted);
                return;
            }
            var outcomes = await Bulk.UndoAsync(change.Id, Visitor.Principal, Aborted);
            (_preview, _isMade) = (new EditPreview(outcomes.Count, outcomes), true);
        });
        if (started is not null)
            Navigation.NavigateTo(LargeEditPage.AddressOf(started.Id));
        else if (isDone && _preview!.Refused == 0)
            Navigation.NavigateTo("/metadata/bulk?done=undone");
    }

    MetadataEdit OneEdit()
    {
        var kind = Enum.TryParse<MetadataKind>(Field("Kind"), out var known) ? known : MetadataKind.Measurement;
        var typed = (Field("Value") ?? "").Trim();
        return new MetadataEdit(kind, (Field("Path") ?? "").Trim(), typed.Length == 0 ? null : JsonOf(typed));
    }

    SequenceEdit[] EditsOfValue()
    {
        MetadataEdit[] one = [OneEdit()];
        if (Names.Count == 0)
            throw Fault.Invalid("bulk-nothing-named", "Name the sequences first.");
        return
        [
            .. Names
                .Select(BulkTable.SequenceOf)
                .Select(name => new SequenceEdit(name.ProposalId, name.SequenceId, one)),
        ];
    }

    string HeadingOf(EditPreview preview) =>
        _isMade ? Words["Edits.Made"]
        : !MayChange ? Words["Bulk.Nothing"]
        : !preview.IsWhole ? Words["Edits.Preview"]
        : Words["Bulk.Changes", Show.Count(preview.Changing)];

    /// <summary>JSON as it is; anything else is the text that was meant.</summary>
    static string JsonOf(string typed)
    {
        try
        {
            using var document = JsonDocument.Parse(typed);
            return typed;
        }
        catch (JsonException)
        {
            return JsonSerializer.Serialize(typed, AsWritten);
        }
    }

    async Task<byte[]> UploadedAsync()
    {
        var file = Context.Request.Form.Files.GetFile("Table");
        if (file is null || file.Length == 0)
            throw Fault.Invalid("table-missing", "Choose a table first.");
        if (file.Length > MaxTableBytes)
            throw new FaultException(FaultCode.TooLarge, "table-size", "A table has at most 32 MiB.");
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, Aborted);
        return bytes.ToArray();
    }

    /// <param name="OfFound">What is done to everything that the question finds.</param>
    /// <param name="OfEach">Else, each by name.</param>
    sealed record Previewed(IReadOnlyList<MetadataEdit>? OfFound, IReadOnlyList<SequenceEdit>? OfEach);
}
