"""What the database itself holds to: rules 1 to 4 of the design, whoever writes."""

from django.db import migrations

FORWARD = r"""
-- Whether what nobody here signed may go: a party has left.
CREATE FUNCTION contracts_is_left(contract bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT first_id IS NULL OR second_id IS NULL FROM contracts_contract WHERE id = contract), true)
$$;

-- Whether a party who is still here has signed the version.
CREATE FUNCTION contracts_is_kept(version bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM contracts_signature s
        JOIN contracts_version v ON v.id = s.version_id
        JOIN contracts_contract c ON c.id = v.contract_id
        WHERE v.id = version
            AND CASE s.side WHEN 'first' THEN c.first_id ELSE c.second_id END IS NOT NULL
    )
$$;

CREATE FUNCTION contracts_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE may_go boolean := false;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF TG_TABLE_NAME = 'contracts_signature' THEN
            may_go := NOT contracts_is_kept(OLD.version_id)
                AND contracts_is_left((SELECT contract_id FROM contracts_version WHERE id = OLD.version_id));
        ELSIF TG_TABLE_NAME = 'contracts_version' THEN
            may_go := NOT contracts_is_kept(OLD.id) AND contracts_is_left(OLD.contract_id);
        ELSE
            may_go := contracts_is_left(OLD.contract_id);
        END IF;
        IF may_go THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: a row of it is neither changed nor taken out', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contracts_edit
    FOR EACH ROW EXECUTE FUNCTION contracts_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contracts_version
    FOR EACH ROW EXECUTE FUNCTION contracts_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contracts_signature
    FOR EACH ROW EXECUTE FUNCTION contracts_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contracts_event
    FOR EACH ROW EXECUTE FUNCTION contracts_append_only();

-- Emptying a table goes past the triggers of its rows. A test database is emptied between tests, and says so.
CREATE FUNCTION contracts_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('peermentor.may_truncate', true), '') <> 'on' THEN
        RAISE EXCEPTION '% is append-only: it is not emptied', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER not_emptied BEFORE TRUNCATE ON contracts_edit EXECUTE FUNCTION contracts_not_emptied();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON contracts_version EXECUTE FUNCTION contracts_not_emptied();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON contracts_signature EXECUTE FUNCTION contracts_not_emptied();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON contracts_event EXECUTE FUNCTION contracts_not_emptied();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON contracts_contract EXECUTE FUNCTION contracts_not_emptied();

-- The hash of a version is the hash of its text.
ALTER TABLE contracts_version ADD CONSTRAINT version_sha256_is_of_the_text
    CHECK (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex'));

-- An edit is the contract's newest change, and no signature stands on the text.
CREATE FUNCTION contracts_edit_is_newest() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c contracts_contract;
BEGIN
    SELECT * INTO c FROM contracts_contract WHERE id = NEW.contract_id FOR UPDATE;
    IF c.state NOT IN ('draft', 'amending') THEN
        RAISE EXCEPTION 'the text of contract % is not open to edits while it is %', c.id, c.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edit_of_open_text';
    END IF;
    IF NEW.number <> c.head THEN
        RAISE EXCEPTION 'an edit of contract % carries the number %, not %', c.id, c.head, NEW.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edit_is_newest';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edit_is_newest BEFORE INSERT ON contracts_edit
    FOR EACH ROW EXECUTE FUNCTION contracts_edit_is_newest();

-- A version is frozen from the text as it stands; a signature is for the version that is open, as it was shown.
CREATE FUNCTION contracts_version_is_of_head() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c contracts_contract;
BEGIN
    SELECT * INTO c FROM contracts_contract WHERE id = NEW.contract_id FOR UPDATE;
    IF c.state NOT IN ('draft', 'amending') OR NEW.head <> c.head THEN
        RAISE EXCEPTION 'version % of contract % is not of its last change', NEW.number, c.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_is_of_head';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_is_of_head BEFORE INSERT ON contracts_version
    FOR EACH ROW EXECUTE FUNCTION contracts_version_is_of_head();

CREATE FUNCTION contracts_signature_is_of_head() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE v contracts_version; c contracts_contract;
BEGIN
    SELECT * INTO v FROM contracts_version WHERE id = NEW.version_id;
    SELECT * INTO c FROM contracts_contract WHERE id = v.contract_id FOR UPDATE;
    IF NEW.sha256 <> v.sha256 THEN
        RAISE EXCEPTION 'a signature names another text than version % has', v.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signature_is_of_the_text';
    END IF;
    IF v.head <> c.head OR c.state NOT IN ('draft', 'amending', 'signed_by_one', 'amendment_signed_by_one')
        OR (c.open_version_id IS NOT NULL AND c.open_version_id <> v.id) THEN
        RAISE EXCEPTION 'version % of contract % is not open to signatures', v.number, c.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signature_is_of_head';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signature_is_of_head BEFORE INSERT ON contracts_signature
    FOR EACH ROW EXECUTE FUNCTION contracts_signature_is_of_head();

-- The contract's own row: its parties are who they were, its head goes on, its state as the lifecycle says, and what is
-- in force was signed by both.
CREATE FUNCTION contracts_contract_is_lawful() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.first_id IS NULL OR NEW.second_id IS NULL THEN
            RAISE EXCEPTION 'a contract begins as a draft of two parties'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'contract_begins_as_draft';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.first_id IS NOT NULL AND OLD.second_id IS NOT NULL
            OR EXISTS (SELECT 1 FROM contracts_version v WHERE v.contract_id = OLD.id AND contracts_is_kept(v.id)) THEN
            RAISE EXCEPTION 'contract % is still somebody''s', OLD.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'contract_is_kept';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.first_id IS NOT NULL AND NEW.first_id IS DISTINCT FROM OLD.first_id)
        OR (NEW.second_id IS NOT NULL AND NEW.second_id IS DISTINCT FROM OLD.second_id) THEN
        RAISE EXCEPTION 'the parties of contract % do not change', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'contract_parties_stay';
    END IF;
    IF NEW.head < OLD.head THEN
        RAISE EXCEPTION 'the head of contract % does not go back', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'contract_head_goes_on';
    END IF;
    -- A party leaves: what is open ends with it.
    IF (NEW.first_id IS NULL AND OLD.first_id IS NOT NULL) OR (NEW.second_id IS NULL AND OLD.second_id IS NOT NULL) THEN
        IF NEW.state IN ('draft', 'signed_by_one') THEN
            NEW.state := 'taken_back';
        ELSIF NEW.state IN ('in_force', 'amending', 'amendment_signed_by_one') THEN
            NEW.state := 'parted';
        END IF;
        NEW.open_version_id := NULL;
        NEW.signer := '';
        NEW.ended_at := coalesce(NEW.ended_at, peermentor_now());
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'signed_by_one'), ('draft', 'taken_back'),
        ('signed_by_one', 'draft'), ('signed_by_one', 'in_force'),
        ('signed_by_one', 'taken_back'), ('in_force', 'amending'),
        ('in_force', 'done'), ('in_force', 'parted'),
        ('amending', 'amendment_signed_by_one'), ('amending', 'in_force'),
        ('amending', 'done'), ('amending', 'parted'),
        ('amendment_signed_by_one', 'amending'), ('amendment_signed_by_one', 'in_force'),
        ('amendment_signed_by_one', 'done'), ('amendment_signed_by_one', 'parted')
    ) THEN
        RAISE EXCEPTION 'contract % does not go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'contract_state_follows';
    END IF;
    IF NEW.version_in_force_id IS DISTINCT FROM OLD.version_in_force_id AND NEW.version_in_force_id IS NOT NULL AND (
        SELECT count(DISTINCT s.side) FROM contracts_signature s JOIN contracts_version v ON v.id = s.version_id
        WHERE v.id = NEW.version_in_force_id AND v.contract_id = NEW.id
    ) <> 2 THEN
        RAISE EXCEPTION 'what is in force in contract % was not signed by both', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'contract_in_force_is_signed_by_both';
    END IF;
    IF NEW.version_in_force_id IS NULL AND OLD.version_in_force_id IS NOT NULL
        AND contracts_is_kept(OLD.version_in_force_id) THEN
        RAISE EXCEPTION 'what both signed in contract % stays', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'contract_in_force_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contract_is_lawful BEFORE INSERT OR UPDATE OR DELETE ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION contracts_contract_is_lawful();

-- What nobody who is still here has signed goes with the party who leaves; so does the whole contract with the second.
CREATE FUNCTION contracts_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.first_id IS NOT NULL OR OLD.first_id IS NULL) AND (NEW.second_id IS NOT NULL OR OLD.second_id IS NULL) THEN
        RETURN NULL;
    END IF;
    DELETE FROM contracts_edit WHERE contract_id = NEW.id;
    IF EXISTS (SELECT 1 FROM contracts_version v WHERE v.contract_id = NEW.id AND contracts_is_kept(v.id)) THEN
        DELETE FROM contracts_event e WHERE e.contract_id = NEW.id AND e.version_id IS NOT NULL
            AND NOT contracts_is_kept(e.version_id);
        DELETE FROM contracts_signature s USING contracts_version v
            WHERE v.id = s.version_id AND v.contract_id = NEW.id AND NOT contracts_is_kept(v.id);
        DELETE FROM contracts_version v WHERE v.contract_id = NEW.id AND NOT contracts_is_kept(v.id);
        INSERT INTO contracts_event (contract_id, number, kind, by, head)
            SELECT NEW.id, coalesce(max(number), 0) + 1, 'left',
                CASE WHEN NEW.first_id IS NULL AND OLD.first_id IS NOT NULL THEN 'first' ELSE 'second' END, NEW.head
            FROM contracts_event WHERE contract_id = NEW.id;
    ELSE
        DELETE FROM contracts_event WHERE contract_id = NEW.id;
        DELETE FROM contracts_signature s USING contracts_version v
            WHERE v.id = s.version_id AND v.contract_id = NEW.id;
        DELETE FROM contracts_version WHERE contract_id = NEW.id;
        DELETE FROM contracts_contract WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER forget AFTER UPDATE OF first_id, second_id ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION contracts_forget();
"""

BACKWARD = r"""
DROP TRIGGER forget ON contracts_contract;
DROP TRIGGER contract_is_lawful ON contracts_contract;
DROP TRIGGER signature_is_of_head ON contracts_signature;
DROP TRIGGER version_is_of_head ON contracts_version;
DROP TRIGGER edit_is_newest ON contracts_edit;
ALTER TABLE contracts_version DROP CONSTRAINT version_sha256_is_of_the_text;
DROP TRIGGER not_emptied ON contracts_contract;
DROP TRIGGER not_emptied ON contracts_event;
DROP TRIGGER not_emptied ON contracts_signature;
DROP TRIGGER not_emptied ON contracts_version;
DROP TRIGGER not_emptied ON contracts_edit;
DROP TRIGGER append_only ON contracts_event;
DROP TRIGGER append_only ON contracts_signature;
DROP TRIGGER append_only ON contracts_version;
DROP TRIGGER append_only ON contracts_edit;
DROP FUNCTION contracts_forget();
DROP FUNCTION contracts_contract_is_lawful();
DROP FUNCTION contracts_signature_is_of_head();
DROP FUNCTION contracts_version_is_of_head();
DROP FUNCTION contracts_edit_is_newest();
DROP FUNCTION contracts_not_emptied();
DROP FUNCTION contracts_append_only();
DROP FUNCTION contracts_is_kept(bigint);
DROP FUNCTION contracts_is_left(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_contracts")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
