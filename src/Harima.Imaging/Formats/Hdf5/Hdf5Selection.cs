namespace Harima.Imaging.Formats.Hdf5;

/// <summary>Steps along a dimension: <paramref name="Count"/> blocks of neighbours, their beginnings a stride apart.</summary>
/// <param name="Count"><see cref="Unlimited"/> for as many as there are.</param>
readonly record struct Hdf5Steps(long Start, long Stride, long Count, long Block)
{
    public const long Unlimited = long.MaxValue;

    public bool IsUnlimited => Count == Unlimited;

    public long Places => Count * Block;

    /// <summary>The index at a place; places are counted through all blocks.</summary>
    public long At(long place) => Start + (place / Block * Stride) + (place % Block);

    /// <returns>−1 for an index that is not among them.</returns>
    public long Find(long index)
    {
        if (index < Start)
            return -1;
        var (block, inside) = Math.DivRem(index - Start, Stride);
        return inside < Block && block < Count ? (block * Block) + inside : -1;
    }
}

/// <summary>
/// What a dataspace selection picks, where it is a product of what it picks in each dimension; and in the order of its elements.
/// </summary>
/// <remarks>Source: format specification, "Dataspace selection" (version 1 of "none" and "all", versions 1 to 3 of hyperslabs).</remarks>
sealed class Hdf5Selection
{
    const int MaxBlocks = 100_000;

    readonly Hdf5Steps[][] _steps;

    Hdf5Selection(Hdf5Steps[][] steps, bool isAll) => (_steps, IsAll) = (steps, isAll);

    /// <summary>Everything; the dimensions are those of the dataset.</summary>
    public bool IsAll { get; }

    public int Rank => _steps.Length;

    /// <summary>The dimension that goes on without end, and its steps; null where none does.</summary>
    public (int Dimension, Hdf5Steps Steps)? Endless
    {
        get
        {
            for (var d = 0; d < Rank; d++)
                if (_steps[d] is [{ IsUnlimited: true } steps])
                    return (d, steps);
            return null;
        }
    }

    public static Hdf5Selection Of(IEnumerable<long> shape) =>
        new([.. shape.Select(side => new[] { new Hdf5Steps(0, Math.Max(1, side), 1, side) })], isAll: true);

    public Hdf5Selection With(int dimension, Hdf5Steps steps)
    {
        var all = (Hdf5Steps[][])_steps.Clone();
        all[dimension] = [steps];
        return new Hdf5Selection(all, isAll: false);
    }

    public long Places(int dimension) => _steps[dimension].Sum(steps => steps.Places);

    public long At(int dimension, long place)
    {
        foreach (var steps in _steps[dimension])
        {
            if (place < steps.Places)
                return steps.At(place);
            place -= steps.Places;
        }

        throw new DamagedFileException("HDF5", "a selection ends before its elements.");
    }

    public long Find(int dimension, long index)
    {
        long before = 0;
        foreach (var steps in _steps[dimension])
        {
            if (steps.Find(index) is var place and >= 0)
                return before + place;
            before += steps.Places;
        }

        return -1;
    }

    /// <exception cref="DamagedFileException">It is damaged, or picks single points or a shape that is no product.</exception>
    public static Hdf5Selection Read(Hdf5Cursor at)
    {
        var kind = at.UInt32();
        var version = at.UInt32();
        switch (kind)
        {
            case 0 or 3 when version == 1:
                at.Skip(8);
                return kind == 3 ? Of([]) : new Hdf5Selection([], isAll: false);
            case 2 when version == 1:
                at.Skip(8);
                var rank1 = Rank1(at.UInt32());
                return Blocks(at, rank1, at.UInt32(), 4);
            case 2 when version is 2 or 3:
                var isRegular = (at.Byte() & 1) != 0 || version == 2;
                var bytes = version == 2 ? 8 : at.Byte();
                if (bytes is not (2 or 4 or 8))
                    throw new DamagedFileException("HDF5", $"a selection counts in {bytes} bytes.");
                if (version == 2)
                    at.Skip(4);
                var rank = Rank1(at.UInt32());
                return isRegular ? Regular(at, rank, bytes) : Blocks(at, rank, (long)at.Number(bytes), bytes);
            default:
                throw new DamagedFileException(
                    "HDF5",
                    kind == 1
                        ? "it is put together from single points of other datasets, which is not read."
                        : $"a selection of kind {kind} and version {version} is not read."
                );
        }
    }

    static int Rank1(uint rank) =>
        rank is > 0 and <= 32
            ? (int)rank
            : throw new DamagedFileException("HDF5", $"a selection has {rank} dimensions.");

    static Hdf5Selection Regular(Hdf5Cursor at, int rank, int bytes)
    {
        var endless = bytes == 8 ? ulong.MaxValue : (1UL << (8 * bytes)) - 1;
        var steps = new Hdf5Steps[rank][];
        for (var d = 0; d < rank; d++)
        {
            var (start, stride, count, block) = (
                at.Number(bytes),
                at.Number(bytes),
                at.Number(bytes),
                at.Number(bytes)
            );
            // A block without end is one block as far as the dataset goes.
            if (block == endless)
                (stride, count, block) = (1, endless, 1);
            if (
                start > int.MaxValue
                || stride is 0 or > int.MaxValue
                || block is 0 or > int.MaxValue
                || (count != endless && (count is 0 or > int.MaxValue || count * block > int.MaxValue))
            )
                throw new DamagedFileException("HDF5", "a selection has impossible steps.");
            steps[d] =
            [
                new Hdf5Steps(
                    (long)start,
                    (long)stride,
                    count == endless ? Hdf5Steps.Unlimited : (long)count,
                    (long)block
                ),
            ];
        }

        return new Hdf5Selection(steps, isAll: false);
    }

    /// <summary>A list of boxes, each by its first and last corner; as libraries until 1.10 write regular ones too.</summary>
    static Hdf5Selection Blocks(Hdf5Cursor at, int rank, long count, int bytes)
    {
        if (count is <= 0 or > MaxBlocks)
            throw new DamagedFileException("HDF5", $"a selection of {count} blocks is not read.");
        var sides = new SortedDictionary<long, long>[rank];
        for (var d = 0; d < rank; d++)
            sides[d] = [];
        for (long n = 0; n < count; n++)
        {
            var first = new long[rank];
            for (var d = 0; d < rank; d++)
                first[d] = (long)Math.Min(at.Number(bytes), int.MaxValue);
            for (var d = 0; d < rank; d++)
            {
                var last = (long)Math.Min(at.Number(bytes), int.MaxValue);
                if (last < first[d] || (sides[d].TryGetValue(first[d], out var known) && known != last))
                    throw new DamagedFileException("HDF5", "a selection of blocks that overlap is not read.");
                sides[d][first[d]] = last;
            }
        }

        if (sides.Aggregate(1.0, (all, side) => all * side.Count) != count)
            throw new DamagedFileException("HDF5", "a selection of blocks here and there is not read.");
        return new Hdf5Selection(
            [
                .. sides.Select(side =>
                    side.Select(one => new Hdf5Steps(one.Key, one.Value - one.Key + 1, 1, one.Value - one.Key + 1))
                        .ToArray()
                ),
            ],
            isAll: false
        );
    }
}
