using System.Globalization;
using Harima.Catalogue;
using Harima.Metadata;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

/// <summary>One change that a worker makes: how far it is, what it left as it was and why, cancel and undo.</summary>
partial class LargeEditPage
{
    const int PageLength = 50;

    LargeEdit _edit = null!;
    Page<RefusedEdit> _refused = new([], null);

    [Inject]
    LargeEdits Large { get; set; } = null!;

    [Parameter]
    public string Id { get; set; } = "";

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    bool MayUndo => _edit is { State: "done" or "cancelled", Undoes: null, UndoneAt: null, Changed: > 0 };

    string Percent =>
        (_edit.Total == 0 ? 100 : 100.0 * _edit.Done / _edit.Total).ToString("0.#", CultureInfo.InvariantCulture);

    public static string AddressOf(string id) => "/metadata/edits/" + Uri.EscapeDataString(id);

    internal static string WhatOf(LargeEdit edit, Texts texts) =>
        texts[
            edit.Undoes is not null ? "Edits.UndoOf" : "Edits.EditOf",
            Show.Count(edit.Total),
            WhatOf(edit.Summary, texts)
        ];

    /// <summary>Core names by word what is no list of paths.</summary>
    internal static string WhatOf(string summary, Texts texts) =>
        summary switch
        {
            "table" => texts["Edits.OfTable"],
            "undo" => texts["Bulk.Undo"],
            "" => texts["Edits.OfValues"],
            _ => summary,
        };

    protected override Task OnInitializedAsync() => ReadAsync();

    async Task ReadAsync()
    {
        _edit = await Large.GetAsync(Id, Visitor.Principal, Aborted);
        if (_edit.Refused > 0)
            _refused = await Large.RefusedAsync(Id, Visitor.Principal, Cursor, PageLength, Aborted);
        // Who reads here that it has ended need not be told by the bell.
        if (_edit is { State: not "running", SeenAt: null })
            await Large.SeenAsync(Visitor.Principal, Id, Aborted);
    }

    bool IsPosted(string form) =>
        Context.Request.HasFormContentType && Context.Request.Form["_handler"].FirstOrDefault() == form;

    async Task CancelAsync()
    {
        if (await TryAsync(() => Large.CancelAsync(Id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo(AddressOf(Id));
        else
            await ReadAsync();
    }

    async Task UndoAsync()
    {
        LargeEdit? undo = null;
        if (await TryAsync(async () => undo = await Large.UndoAsync(Id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo(AddressOf(undo!.Id));
        else
            await ReadAsync();
    }
}
