using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Harima.Registration;

/// <summary>Which folders of this machine may be registered, and by whom.</summary>
public sealed class RegistrationFolders(
    Policy policy,
    RegisteredFolders folders,
    PosixStore tree,
    IOptions<DataOptions> data
)
{
    /// <summary>What somebody may register: administrators everything, staff what lies below the folders of their beamlines; others nothing.</summary>
    internal async Task<RegistrationScope> ScopeOfAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) >= Right.Manage)
            return new RegistrationScope(folders.Roots, null);
        var own = new List<BeamlineRoot>();
        foreach (var roots in folders.BeamlineRoots.GroupBy(root => root.BeamlineId, StringComparer.Ordinal))
            if (
                await policy.RightOnAsync(
                    principal,
                    [new ResourceRef(ResourceKind.Beamline, roots.Key)],
                    cancellationToken
                ) >= Right.Write
            )
                own.AddRange(roots);
        return new RegistrationScope([.. own.Select(root => root.Path)], own);
    }

    /// <exception cref="FaultException">Forbidden for whoever may register nothing.</exception>
    internal async Task<RegistrationScope> RequireAsync(Principal principal, CancellationToken cancellationToken)
    {
        var scope = await ScopeOfAsync(principal, cancellationToken);
        return scope.IsNothing
            ? throw Fault.Forbidden(
                "facility-only",
                "Only the facility's administrators, and the staff of a beamline that has a folder for it, register what lies on its storage."
            )
            : scope;
    }

    /// <summary>Opens a folder that is to be registered.</summary>
    /// <returns>The folder, and its path as it is kept.</returns>
    /// <exception cref="FaultException">Invalid; Forbidden outside the roots; NotFound.</exception>
    internal (SafeFileHandle Folder, string Path) Require(string text, RegistrationScope scope)
    {
        if (folders.Roots.Count == 0)
            throw Fault.Conflict(
                "registration-off",
                $"No folder may be registered: set {RegistrationOptions.Section}:{nameof(RegistrationOptions.Roots)} and restart."
            );
        var given = text.Trim();
        if (!Path.IsPathFullyQualified(given) || given.Contains('\0', StringComparison.Ordinal))
            throw Fault.Invalid(
                "registration-path",
                $"'{text}' is not a full path. Write it as the server sees it, from the first slash on.",
                ("path", text)
            );
        var path = Path.GetFullPath(given).TrimEnd('/');
        // Another beamline's folder is not there, whether it is or not.
        if (!scope.IsAll && !scope.Contains(path))
            throw NotThere(path);
        if (folders.RootOf(path) is null)
            throw Fault.Forbidden(
                "outside-roots",
                $"'{path}' is not in a folder from which files may be registered. Those are: {string.Join(", ", folders.Roots)}.",
                ("path", path),
                ("roots", string.Join(", ", folders.Roots))
            );
        return (Open(path), path);
    }

    /// <returns>The path as it is kept; null for what is no full path, or lies in no root.</returns>
    internal string? PathOf(string text)
    {
        var given = text.Trim();
        if (!Path.IsPathFullyQualified(given) || given.Contains('\0', StringComparison.Ordinal))
            return null;
        var path = Path.GetFullPath(given).TrimEnd('/');
        return folders.RootOf(path) is null ? null : path;
    }

    /// <summary>Whether a folder in a root can be registered, without saying why not.</summary>
    internal bool IsThere(string path)
    {
        try
        {
            Open(path).Dispose();
            return true;
        }
        catch (FaultException)
        {
            return false;
        }
    }

    /// <summary>A file in a root, by way of no link; null where there is none that can be read.</summary>
    internal EntryFacts? FindFile(string path)
    {
        using var file = folders.TryOpen(path, folder: false, out _);
        return file is not null && Posix.FactsOf(file) is { Kind: EntryKind.File } facts ? facts : null;
    }

    /// <exception cref="FaultException">NotFound; Forbidden; Invalid where it is Harima's own.</exception>
    internal SafeFileHandle Open(string path)
    {
        var folder = folders.TryOpen(path, folder: true, out var errno);
        if (folder is null)
            throw errno switch
            {
                Posix.EACCES => Fault.Forbidden(
                    "folder-unreadable",
                    $"Harima may not read '{path}'. Give its user the right to read it.",
                    ("path", path)
                ),
                _ => NotThere(path),
            };
        try
        {
            RefuseOwn(folder, path);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    static FaultException NotThere(string path) =>
        new(
            FaultCode.NotFound,
            "folder-not-there",
            $"'{path}' is no folder that can be reached without following a symbolic link. Is its file system mounted?",
            new Dictionary<string, string> { ["path"] = path }
        );

    // Neither Harima's own tree nor the catalogue with everybody's secrets is to be seen through a registration.
    void RefuseOwn(SafeFileHandle folder, string path)
    {
        var real = RealPath(folder);
        foreach (var own in new[] { tree.Root, Path.GetFullPath(data.Value.Directory) }.Where(Directory.Exists))
        {
            using var opened = Posix.OpenFolder(own);
            var place = RealPath(opened);
            if (RegisteredFolders.Contains(real, place) || RegisteredFolders.Contains(place, real))
                throw Fault.Invalid(
                    "registration-own",
                    $"'{path}' holds Harima's own files, or lies among them, and cannot be registered.",
                    ("path", path)
                );
        }
    }

    static string RealPath(SafeFileHandle folder)
    {
        var link = FormattableString.Invariant($"/proc/self/fd/{folder.DangerousGetHandle()}");
        var path = File.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName;
        GC.KeepAlive(folder);
        return path ?? throw new IOException($"Nobody can say where {link} lies.");
    }
}
